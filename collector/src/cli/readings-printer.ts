import { csvLine, isoTime, jsonTime, textTable } from '@farola/shared';
import { ageOf, isStale, type Reading } from '../api/reading.js';

/** Takes readings in their order. */
export interface ReadingsPrinter {
  readonly reading: (reading: Reading) => void;
  readonly end: () => void;
}

/** When a latest value is looked at, and what makes it stale. */
export interface LatestAsked {
  readonly nowMs: number;
  readonly roundMs: number;
}

/** How readings are printed; a table when nothing is told. */
export interface PrintForm {
  readonly csv?: boolean;
  readonly json?: boolean;
  readonly out: (line: string) => void;
}

/**
 * Prints readings as they come, a table at the end. Each says whether it counts, and the assurance.
 * @param latest undefined for the samples of a span, whose age says nothing
 */
export function readingsPrinter({ csv, json, out }: PrintForm, latest: LatestAsked | undefined): ReadingsPrinter {
  if (json) return { reading: (reading) => out(JSON.stringify(readingJson(reading, latest))), end: () => undefined };
  if (csv) return csvPrinter(out, latest);
  const kept: Reading[] = [];
  const titles = ['point', 'taken', ...(latest ? ['age'] : []), 'dating', 'trust', 'quantity'];
  const columns = titles.map((title) => ({ title }));
  return {
    reading: (reading) => void kept.push(reading),
    end() {
      const rows = kept.sort((a, b) => a.takenAtMs - b.takenAtMs).flatMap((reading) => tableRows(reading, latest));
      textTable([...columns, { title: 'value', align: 'right' }, { title: 'unit' }], rows).forEach(out);
      if (rows.length === 0) out('no readings');
    },
  };
}

function readingJson(reading: Reading, latest: LatestAsked | undefined): object {
  const { lcuId, point, takenAtMs, dating, observedAtMs, notBeforeMs, notAfterMs, ...rest } = reading;
  const { ageMs, stale = null } = freshness(reading, latest);
  return {
    lcuId,
    point,
    takenAt: jsonTime(takenAtMs),
    dating,
    observedAt: jsonTime(observedAtMs),
    notBefore: jsonTime(notBeforeMs),
    notAfter: jsonTime(notAfterMs),
    ...rest,
    ageSeconds: secondsOf(ageMs),
    stale,
  };
}

function csvPrinter(out: (line: string) => void, latest: LatestAsked | undefined): ReadingsPrinter {
  const titles = [
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
  out(csvLine([...titles, ...(latest ? ['ageSeconds', 'stale'] : [])]));
  return {
    reading(reading) {
      const { lcuId, point, takenAtMs, dating, notBeforeMs, notAfterMs, status, epoch, n, branch, values, counts, assurance } =
        reading;
      const within = [notBeforeMs, notAfterMs].map((ms) => jsonTime(ms) ?? '');
      const { ageMs, stale } = freshness(reading, latest);
      const before = [lcuId, point, jsonTime(takenAtMs), dating, status, epoch, String(n)];
      const behind = [
        String(counts),
        assurance,
        ...within,
        String(branch),
        reading.profileId ?? '',
        reading.profileOrigin ?? '',
        ...(latest ? [String(secondsOf(ageMs) ?? ''), String(stale)] : []),
      ];
      for (const { quantity, value, unit } of values) out(csvLine([...before, quantity, value ?? '', unit, ...behind]));
      if (values.length === 0) out(csvLine([...before, '', '', '', ...behind]));
    },
    end: () => undefined,
  };
}

function freshness(reading: Reading, latest: LatestAsked | undefined): { ageMs?: number | null; stale?: boolean } {
  if (!latest) return {};
  const ageMs = ageOf(reading, latest.nowMs);
  return { ageMs: ageMs ?? null, stale: isStale(ageMs, latest.roundMs) };
}

function secondsOf(ageMs: number | null | undefined): number | null {
  return typeof ageMs === 'number' ? Math.floor(ageMs / 1_000) : null;
}

function tableRows(reading: Reading, latest: LatestAsked | undefined): string[][] {
  const { point, takenAtMs, status, values } = reading;
  const { ageMs, stale } = freshness(reading, latest);
  const age = latest ? [ageText(ageMs ?? undefined) + (stale ? ', stale' : '')] : [];
  const common = [point, isoTime(takenAtMs), ...age, datingText(reading), trustText(reading)];
  if (values.length === 0) return [[...common, `(${status})`, '-', '']];
  return values.map(({ quantity, value, unit }) => [...common, quantity, value ?? '-', unitText(unit)]);
}

/** For people a pure number has no unit; CSV and JSON have the `1` of the registry. */
export function unitText(unit: string): string {
  return unit === '1' ? '' : unit;
}

/** `A0, own profile, does not count`: what a value is worth. */
function trustText({ assurance, profileOrigin, counts }: Reading): string {
  return assurance + (profileOrigin === 'own' ? ', own profile' : '') + (counts ? '' : ', does not count');
}

/** `unknown, 2026-11-22T17:55:00Z to 2026-11-22T18:20:00Z` where nothing dates it but what lies around. */
function datingText({ dating, notBeforeMs, notAfterMs }: Reading): string {
  if (notAfterMs === null) return dating;
  if (notBeforeMs === null) return `${dating}, before ${isoTime(notAfterMs)}`;
  return `${dating}, ${isoTime(notBeforeMs)} to ${isoTime(notAfterMs)}`;
}

function ageText(ageMs: number | undefined): string {
  if (ageMs === undefined) return '?';
  const seconds = Math.round(ageMs / 1000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
