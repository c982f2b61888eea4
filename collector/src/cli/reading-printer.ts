import { csvLine, textTable } from '@farola/shared';
import { ageOf, isStale, type Reading } from '../api/reading.js';

/** Takes readings, and prints what waits at the end. */
export interface ReadingPrinter {
  readonly reading: (reading: Reading) => void;
  readonly end: () => void;
}

/** When a latest value is looked at, and what makes it stale. */
export interface Now {
  readonly nowMs: number;
  readonly roundMs: number;
}

/** How readings are printed: as a table unless told. */
export interface ReadingPrinterOptions {
  readonly csv?: boolean;
  readonly json?: boolean;
  readonly out: (line: string) => void;
}

/**
 * Prints readings as a table in the order of their time, as CSV, one value a line, or as JSON lines.
 * @param latest undefined for the samples of a span, whose age says nothing
 */
export function readingPrinter({ csv, json, out }: ReadingPrinterOptions, latest: Now | undefined): ReadingPrinter {
  if (json)
    return { reading: (reading) => out(JSON.stringify({ ...reading, ...freshness(reading, latest) })), end: () => undefined };
  if (csv) return csvPrinter(out);
  const kept: Reading[] = [];
  const titles = latest ? ['point', 'taken', 'age', 'dating', 'quantity'] : ['point', 'taken', 'dating', 'quantity'];
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

function csvPrinter(out: (line: string) => void): ReadingPrinter {
  const bounds = ['notBefore', 'notAfter'];
  out(csvLine(['lcu', 'point', 'taken', 'dating', 'status', 'epoch', 'n', 'quantity', 'value', 'unit', ...bounds]));
  return {
    reading({ lcuId, point, takenAtMs, dating, notBeforeMs, notAfterMs, status, epoch, n, values }) {
      const common = [lcuId, point, new Date(takenAtMs).toISOString(), dating, status, epoch, String(n)];
      const within = [notBeforeMs, notAfterMs].map((ms) => (ms === null ? '' : new Date(ms).toISOString()));
      for (const { quantity, value, unit } of values) out(csvLine([...common, quantity, value ?? '', unit, ...within]));
      if (values.length === 0) out(csvLine([...common, '', '', '', ...within]));
    },
    end: () => undefined,
  };
}

function freshness(reading: Reading, latest: Now | undefined): { ageMs?: number | null; stale?: boolean } {
  if (!latest) return {};
  const ageMs = ageOf(reading, latest.nowMs);
  return { ageMs: ageMs ?? null, stale: isStale(ageMs, latest.roundMs) };
}

function tableRows(reading: Reading, latest: Now | undefined): string[][] {
  const { point, takenAtMs, status, values } = reading;
  const { ageMs, stale } = freshness(reading, latest);
  const age = latest ? [ageText(ageMs ?? undefined) + (stale ? ', stale' : '')] : [];
  const common = [point, isoSeconds(takenAtMs), ...age, datingText(reading)];
  if (values.length === 0) return [[...common, `(${status})`, '-', '']];
  return values.map(({ quantity, value, unit }) => [...common, quantity, value ?? '-', unit]);
}

/** `unknown, 2026-11-22T17:55:00Z to 2026-11-22T18:20:00Z` where nothing dates it but what lies around. */
function datingText({ dating, notBeforeMs, notAfterMs }: Reading): string {
  if (notAfterMs === null) return dating;
  if (notBeforeMs === null) return `${dating}, before ${isoSeconds(notAfterMs)}`;
  return `${dating}, ${isoSeconds(notBeforeMs)} to ${isoSeconds(notAfterMs)}`;
}

function isoSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

function ageText(ageMs: number | undefined): string {
  if (ageMs === undefined) return '?';
  const seconds = Math.round(ageMs / 1000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
