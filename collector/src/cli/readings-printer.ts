import { isoTime, textTable } from '@farola/shared';
import type { Reading, ReadingSample, ReadingValue } from '../api/reading.js';
import { broughtValues, type FlagName } from '../api/sample-values.js';
import { freshness, type LatestAsked } from './latest-asked.js';
import { readingLines, readingTitles } from './readings-csv.js';
import { readingJson } from './readings-json.js';

/** Takes readings in their order. */
export interface ReadingsPrinter {
  readonly reading: (reading: Reading) => void;
  readonly end: () => void;
}

/** How readings are printed; a table when nothing is told. */
export interface PrintForm {
  readonly csv?: boolean;
  readonly json?: boolean;
  readonly out: (line: string) => void;
  /** How the ledger behind a reading was proven, for JSON; null where that cannot be said. */
  readonly proofOf?: (reading: Reading) => object | null;
}

/**
 * Prints readings as they come, a table at the end. Each says whether it counts, and the assurance.
 * @param latest undefined for the samples of a span, whose age says nothing
 */
export function readingsPrinter(
  { csv, json, out, proofOf = () => null }: PrintForm,
  latest: LatestAsked | undefined,
): ReadingsPrinter {
  const end = (): void => undefined;
  if (json) {
    const line = (reading: Reading): object => ({ ...readingJson(reading, latest), proof: proofOf(reading) });
    return { reading: (reading) => out(JSON.stringify(line(reading))), end };
  }
  if (csv) {
    out(readingTitles(latest));
    return { reading: (reading) => readingLines(reading, latest).forEach(out), end };
  }
  const kept: Reading[] = [];
  return {
    reading: (reading) => void kept.push(reading),
    end() {
      kept.sort((a, b) => a.takenAtMs - b.takenAtMs);
      table(kept, latest).forEach(out);
      legend(kept).forEach(out);
    },
  };
}

function table(readings: readonly Reading[], latest: LatestAsked | undefined): string[] {
  const titles = ['point', 'taken', ...(latest ? ['age'] : []), 'dating', 'trust', 'quantity'];
  const columns = [...titles.map((title) => ({ title })), { title: 'value', align: 'right' as const }, { title: 'unit' }];
  const rows = readings.flatMap((reading) => tableRows(reading, latest));
  return [...textTable(columns, rows), ...(rows.length === 0 ? ['no readings'] : [])];
}

/** A row for each value; and one for each sample that brought none. */
function tableRows(reading: Reading, latest: LatestAsked | undefined): string[][] {
  const { values } = reading;
  const failed = new Set(values.length === 0 ? [reading] : values.map(({ sample }) => sample).filter(isFailed));
  return [
    ...values
      .filter(({ sample }) => !isFailed(sample))
      .map((value) => [...commonCells(reading, value, latest), value.quantity, value.value ?? '-', unitCell(value)]),
    ...[...failed].map((sample) => [...commonCells(reading, { ...sample, sample }, latest), `(${sample.status})`, '-', '']),
  ];
}

function isFailed({ status }: ReadingSample): boolean {
  return !broughtValues(status);
}

function commonCells(
  { point, assurance }: Reading,
  { takenAtMs, observedAtMs, sample }: Pick<ReadingValue, 'takenAtMs' | 'observedAtMs' | 'sample'>,
  latest: LatestAsked | undefined,
): string[] {
  const { ageMs, stale } = freshness({ observedAtMs, periodS: sample.periodS }, latest);
  const age = latest ? [ageText(ageMs) + (stale ? ', stale' : '')] : [];
  return [point, isoTime(takenAtMs), ...age, datingText(sample), trustText(assurance, sample)];
}

/** What a value that a rule of plausibility marks has behind its unit. */
const MARK = '!';

function unitCell({ unit, flags }: ReadingValue): string {
  return [unitText(unit), flags.length > 0 ? MARK : ''].filter((part) => part !== '').join(' ');
}

/** For people a pure number has no unit; CSV and JSON have the `1` of the registry. */
export function unitText(unit: string): string {
  return unit === '1' ? '' : unit;
}

/** Which rules marked which quantities, a line for each rule. */
function legend(readings: readonly Reading[]): string[] {
  const marked = new Map<FlagName, Set<string>>();
  for (const { quantity, flags } of readings.flatMap(({ values }) => values)) {
    for (const flag of flags) marked.set(flag, (marked.get(flag) ?? new Set()).add(quantity));
  }
  return [...marked].map(([flag, quantities]) => `${MARK} ${flag}: ${[...quantities].join(', ')}`);
}

/** `A0, own profile, does not count`: what a value is worth. */
function trustText(assurance: string, { profileOrigin, counts }: ReadingSample): string {
  return assurance + (profileOrigin === 'own' ? ', own profile' : '') + (counts ? '' : ', does not count');
}

/** `unknown, 2026-11-22T17:55:00Z to 2026-11-22T18:20:00Z` where nothing dates it but what lies around. */
function datingText({ dating, notBeforeMs, notAfterMs }: ReadingSample): string {
  if (notAfterMs === null) return dating;
  if (notBeforeMs === null) return `${dating}, before ${isoTime(notAfterMs)}`;
  return `${dating}, ${isoTime(notBeforeMs)} to ${isoTime(notAfterMs)}`;
}

function ageText(ageMs: number | null): string {
  if (ageMs === null) return '?';
  const seconds = Math.round(ageMs / 1000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
