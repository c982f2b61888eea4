import { csvLine, FarolaError, quantityByName, systemClock, textTable } from '@farola/shared';
import { latestReadings, readingsBetween } from '../api/query-readings.js';
import type { Reading } from '../api/reading.js';
import type { DerivedState, Fleet, Lcu } from '../fleet/fleet.js';
import type { CommandOptions } from './command-options.js';
import { withLedger } from './open-store.js';
import { parseTime } from './parse-time.js';

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
  await withLedger(options.config, ({ fleet, derived }, ledger) => {
    const nowMs = systemClock().now().wallMs;
    const { lcus, analyserId } = chosen(fleet, derived, options);
    const quantities = chosenQuantities(options.quantity);
    const print = printer(options, nowMs);
    for (const lcu of lcus) {
      const query = { lcu, analyserId, quantities };
      const source = { ledger, derived };
      if (options.from === undefined && options.to === undefined) {
        latestReadings(source, query).forEach(print.reading);
        continue;
      }
      const fromMs = parseTime(options.from ?? '-24h', nowMs);
      const toMs = parseTime(options.to ?? '-0s', nowMs);
      if (fromMs > toMs) throw new FarolaError('usage', { reason: '--from is later than --to' });
      for (const reading of readingsBetween(source, query, { fromMs, toMs, untilMs: nowMs })) print.reading(reading);
    }
    print.end();
  });
}

/** A measuring point is followed through every LCU whose meter was there. */
function chosen(
  fleet: Fleet,
  derived: Pick<DerivedState, 'meterStays'>,
  { lcuId, point }: ReadingsOptions,
): { lcus: readonly Lcu[]; analyserId: string | undefined } {
  if (point !== undefined) {
    const [panel, analyserId, more] = point.split('/');
    if (analyserId === undefined || more !== undefined) {
      throw new FarolaError('usage', { reason: `--point ${point} is not panel/analyser` });
    }
    const lcuNos = new Set(
      derived
        .meterStays(panel)
        .filter((stay) => stay.point === point)
        .map((stay) => stay.lcuNo),
    );
    return { lcus: fleet.list().filter((lcu) => lcuNos.has(lcu.lcuNo)), analyserId };
  }
  if (lcuId === undefined) return { lcus: fleet.list(), analyserId: undefined };
  const lcu = fleet.find(lcuId);
  if (!lcu) throw new FarolaError('lcu-unknown', { lcu: lcuId });
  return { lcus: [lcu], analyserId: undefined };
}

function chosenQuantities(names: readonly string[] | undefined): ReadonlySet<string> | undefined {
  for (const name of names ?? []) if (!quantityByName(name)) throw new FarolaError('quantity-unknown', { name });
  return names && new Set(names);
}

interface Printer {
  readonly reading: (reading: Reading) => void;
  readonly end: () => void;
}

function printer({ csv, json, out }: ReadingsOptions, nowMs: number): Printer {
  if (json) return { reading: (reading) => out(JSON.stringify(reading)), end: () => undefined };
  if (csv) return csvPrinter(out);
  const rows: string[][] = [];
  return {
    reading: (reading) => rows.push(...tableRows(reading, nowMs)),
    end() {
      const columns = ['point', 'taken', 'age', 'dating', 'quantity'].map((title) => ({ title }));
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

function tableRows({ point, takenAtMs, dating, status, values }: Reading, nowMs: number): string[][] {
  const common = [point, new Date(takenAtMs).toISOString().replace(/\.\d+Z$/, 'Z'), ageText(nowMs - takenAtMs), dating];
  if (values.length === 0) return [[...common, `(${status})`, '-', '']];
  return values.map(({ quantity, value, unit }) => [...common, quantity, value ?? '-', unit]);
}

function ageText(ageMs: number): string {
  const seconds = Math.round(ageMs / 1000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
