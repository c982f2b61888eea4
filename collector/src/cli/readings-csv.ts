import { csvLine, jsonTime } from '@farola/shared';
import type { Reading, ReadingSample } from '../api/reading.js';
import { freshness, type LatestAsked, secondsOf } from './latest-asked.js';

const TITLES = [
  'lcuId',
  'point',
  'takenAt',
  'dating',
  'status',
  'epoch',
  'n',
  'quantity',
  'value',
  'unit',
  'counts',
  'assurance',
  'notBefore',
  'notAfter',
  'branch',
  'profileId',
  'profileOrigin',
];

/** The first line of `readings --csv`. */
export function readingTitles(latest: LatestAsked | undefined): string {
  return csvLine([...TITLES, ...(latest ? ['ageSeconds', 'stale'] : []), 'flags']);
}

/** A line for each value, with what is known of its own sample; one line of a reading without any. */
export function readingLines(reading: Reading, latest: LatestAsked | undefined): string[] {
  const { values, takenAtMs, observedAtMs } = reading;
  if (values.length === 0) {
    return [line(reading, { quantity: '', value: '', unit: '', takenAtMs, observedAtMs, flags: [], sample: reading }, latest)];
  }
  return values.map((value) => line(reading, value, latest));
}

function line(
  { lcuId, point, assurance }: Reading,
  { quantity, value, unit, takenAtMs, observedAtMs, flags, sample }: Reading['values'][number],
  latest: LatestAsked | undefined,
): string {
  const { dating, status, epoch, n, counts } = sample;
  const { ageMs, stale } = freshness({ observedAtMs, periodS: sample.periodS }, latest);
  return csvLine([
    ...[lcuId, point, jsonTime(takenAtMs), dating, status, epoch, String(n), quantity, value ?? '', unit],
    ...[String(counts), assurance, ...origin(sample)],
    ...(latest ? [String(secondsOf(ageMs) ?? ''), String(stale)] : []),
    flags.join(' '),
  ]);
}

function origin({ notBeforeMs, notAfterMs, branch, profileId, profileOrigin }: ReadingSample): string[] {
  const within = [notBeforeMs, notAfterMs].map((ms) => jsonTime(ms) ?? '');
  return [...within, String(branch), profileId ?? '', profileOrigin ?? ''];
}
