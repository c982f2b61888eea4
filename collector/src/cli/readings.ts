import { csvLine, FarolaError, isoTime, quantityByName, systemClock, textTable } from '@farola/shared';
import { latestReadings, readingsBetween } from '../api/query-readings.js';
import { ageOf, isStale, type Reading } from '../api/reading.js';
import type { DerivedState } from '../fleet/derived-state.js';
import type { Fleet, Lcu } from '../fleet/fleet.js';
import type { CommandOptions } from './command-options.js';
import { withLedger } from './open-store.js';
import { parseSpan } from './parse-time.js';

/** Options of `readings`. */
export interface ReadingsOptions extends CommandOptions {
  readonly lcuId?: string | undefined;
  readonly point?: string;
  readonly from?: string;
  readonly to?: string;
  readonly quantity?: readonly string[];
  readonly csv?: boolean;
  readonly json?: boolean;
}

/**
 * Prints the latest values, or with `--from` or `--to` the samples of a span, as a table, CSV or JSON lines. Errors:
 * `lcu-unknown`, `quantity-unknown`, `time-invalid`, `usage`.
 */
export async function printReadings(options: ReadingsOptions): Promise<void> {
  await withLedger(options.config, ({ fleet, derived }, ledger, { pollSeconds }) => {
    const nowMs = systemClock().now().wallMs;
    const { lcus, point } = chosen(fleet, derived, options);
    const quantities = chosenQuantities(options.quantity);
    const span = chosenSpan(options, nowMs);
    const print = printer(options, span ? undefined : { nowMs, roundMs: pollSeconds * 1000 });
    const source = { ledger, derived };
    for (const lcu of lcus) {
      const query = { lcu, point, quantities };
      const readings = span ? readingsBetween(source, query, { ...span, untilMs: nowMs }) : latestReadings(source, query);
      for (const reading of readings) print.reading(reading);
    }
    print.end();
  });
}

/** The asked span of time; undefined when the latest values are asked. */
function chosenSpan({ from, to }: ReadingsOptions, nowMs: number): { fromMs: number; toMs: number } | undefined {
  if (from === undefined && to === undefined) return undefined;
  return parseSpan(from ?? '-24h', to, nowMs);
}

/** A measuring point is followed through every LCU whose meter was there. */
function chosen(
  fleet: Fleet,
  derived: Pick<DerivedState, 'meterStays'>,
  { lcuId, point }: ReadingsOptions,
): { lcus: readonly Lcu[]; point: string | undefined } {
  if (point !== undefined) {
    const [panel, analyserId, more] = point.split('/');
    if (analyserId === undefined || more !== undefined) {
      throw new FarolaError('usage', { reason: `--point ${point} is not panel/analyser` });
    }
    const stays = derived.meterStays(panel).filter((stay) => stay.point === point);
    if (stays.length === 0) throw new FarolaError('point-unknown', { point });
    const lcuNos = new Set(stays.map((stay) => stay.lcuNo));
    return { lcus: fleet.list().filter((lcu) => lcuNos.has(lcu.lcuNo)), point };
  }
  if (lcuId === undefined) return { lcus: fleet.list(), point };
  const lcu = fleet.find(lcuId);
  if (!lcu) throw new FarolaError('lcu-unknown', { lcu: lcuId });
  return { lcus: [lcu], point };
}

function chosenQuantities(names: readonly string[] | undefined): ReadonlySet<string> | undefined {
  for (const name of names ?? []) if (!quantityByName(name)) throw new FarolaError('quantity-unknown', { name });
  return names && new Set(names);
}

interface Printer {
  readonly reading: (reading: Reading) => void;
  readonly end: () => void;
}

/** When a latest value is looked at, and what makes it stale. */
interface Now {
  readonly nowMs: number;
  readonly roundMs: number;
}

/** @param latest undefined for the samples of a span, whose age says nothing */
function printer({ csv, json, out }: ReadingsOptions, latest: Now | undefined): Printer {
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

function csvPrinter(out: (line: string) => void): Printer {
  out(csvLine(['lcu', 'point', 'taken', 'dating', 'status', 'epoch', 'n', 'quantity', 'value', 'unit']));
  return {
    reading({ lcuId, point, takenAtMs, dating, status, epoch, n, values }) {
      const common = [lcuId, point, new Date(takenAtMs).toISOString(), dating, status, epoch, String(n)];
      for (const { quantity, value, unit } of values) out(csvLine([...common, quantity, value ?? '', unit]));
      if (values.length === 0) out(csvLine([...common, '', '', '']));
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
  const { point, takenAtMs, dating, status, values } = reading;
  const { ageMs, stale } = freshness(reading, latest);
  const age = latest ? [ageText(ageMs ?? undefined) + (stale ? ', stale' : '')] : [];
  const common = [point, isoTime(takenAtMs), ...age, dating];
  if (values.length === 0) return [[...common, `(${status})`, '-', '']];
  return values.map(({ quantity, value, unit }) => [...common, quantity, value ?? '-', unit]);
}

function ageText(ageMs: number | undefined): string {
  if (ageMs === undefined) return '?';
  const seconds = Math.round(ageMs / 1000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
