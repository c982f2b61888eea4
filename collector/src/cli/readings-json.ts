import { jsonTime } from '@farola/shared';
import type { Reading, ReadingValue } from '../api/reading.js';
import { freshness, type LatestAsked, secondsOf } from './latest-asked.js';

/** A line of `readings --json`; docs/json.md has each field. */
export function readingJson(reading: Reading, latest: LatestAsked | undefined): object {
  const { lcuId, point, takenAtMs, dating, observedAtMs, notBeforeMs, notAfterMs, status, values, ...rest } = reading;
  const { epoch, n, branch, counts, assurance, profileId, profileOrigin, periodS } = rest;
  const { ageMs, stale } = freshness(reading, latest);
  return {
    lcuId,
    point,
    takenAt: jsonTime(takenAtMs),
    dating,
    observedAt: jsonTime(observedAtMs),
    notBefore: jsonTime(notBeforeMs),
    notAfter: jsonTime(notAfterMs),
    status,
    values: values.map((value) => valueJson(value, latest)),
    epoch,
    n,
    branch,
    counts,
    assurance,
    profileId,
    profileOrigin,
    periodSeconds: periodS,
    ageSeconds: secondsOf(ageMs),
    stale,
  };
}

function valueJson(
  { quantity, unit, value, takenAtMs, observedAtMs, flags, sample }: ReadingValue,
  latest?: LatestAsked,
): object {
  const { ageMs, stale } = freshness({ observedAtMs, periodS: sample.periodS }, latest);
  const { status, epoch, n } = sample;
  const times = { takenAt: jsonTime(takenAtMs), ageSeconds: secondsOf(ageMs), stale };
  return { quantity, unit, value, flags, ...times, status, epoch, n };
}
