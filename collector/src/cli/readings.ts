import { FarolaError, quantityByName, systemClock, unknownQuantity } from '@farola/shared';
import { latestReadings, readingsBetween, whyOlder } from '../api/query-readings.js';
import type { Reading } from '../api/reading.js';
import { countsAt } from '../fleet/counts-at.js';
import type { StayReader } from '../fleet/derived-state.js';
import type { FleetReader, Lcu } from '../fleet/fleet.js';
import type { AskedFigures } from '../proof/proof-behind.js';
import type { CommandOptions } from './command-options.js';
import { withLedger } from './open-store.js';
import { proofJson, proofLines, readProofs, tellBeside } from './known-proofs.js';
import { noteFuture, parseSpan } from './parse-time.js';
import { readingsPrinter } from './readings-printer.js';

/** Options of `readings`. */
export interface ReadingsOptions extends CommandOptions {
  readonly lcuId?: string | undefined;
  readonly point?: string;
  readonly from?: string;
  readonly to?: string;
  readonly quantity?: readonly string[];
  readonly csv?: boolean;
  readonly json?: boolean;
  /** The rest only by interval (intervals.ts). */
  readonly panel?: string;
  readonly chart?: boolean;
}

/**
 * Prints the latest values, or with `--from` or `--to` the samples of a span, as a table, CSV or JSON lines. Errors:
 * `lcu-unknown`, `quantity-unknown`, `time-invalid`, `usage`.
 */
export async function printReadings(options: ReadingsOptions): Promise<void> {
  for (const option of ['panel', 'chart'] as const) {
    if (options[option] !== undefined) throw new FarolaError('usage', { reason: `--${option} needs --interval` });
  }
  await withLedger(options.config, async ({ fleet, derived }, ledger, config) => {
    const nowMs = systemClock().now().wallMs;
    const { lcus, point } = chosen(fleet, derived, options);
    const quantities = chosenQuantities(options.quantity);
    const span = chosenSpan(options, nowMs);
    const proofs = await readProofs(config);
    const sinceMs = (reading: Reading): number => span?.fromMs ?? oldestOf(reading);
    const proofOf = (reading: Reading): object | null => {
      return proofJson(proofs, [{ lcuId: reading.lcuId, sinceMs: sinceMs(reading) }]);
    };
    const latest = span ? undefined : { nowMs, roundMs: config.pollSeconds * 1000 };
    const print = readingsPrinter({ ...options, proofOf }, latest);
    const source = { ledger, derived, countsAt: countsAt(ledger, derived) };
    const wholeFleet = options.lcuId === undefined && point === undefined;
    const held = wholeFleet && !span ? derived.latestOfAll() : undefined;
    const older: string[] = [];
    const asked: AskedFigures[] = [];
    let isNone = true;
    for (const lcu of lcus) {
      const query = { lcu, point, quantities };
      const readings = span
        ? readingsBetween(source, query, { ...span, untilMs: nowMs })
        : latestReadings(source, query, held && (held.get(lcu.lcuNo) ?? []));
      const why = span || lcu.standing === null ? undefined : whyOlder(lcu, derived.latest(lcu.lcuNo));
      if (why !== undefined) older.push(why);
      let oldestMs = span?.fromMs ?? Infinity;
      for (const reading of readings) {
        isNone = false;
        oldestMs = Math.min(oldestMs, sinceMs(reading));
        print.reading(reading);
      }
      // Where an LCU has no reading, what is missing may be of any time.
      asked.push({ lcuId: lcu.lcuId, sinceMs: Number.isFinite(oldestMs) ? oldestMs : 0 });
    }
    print.end();
    if (!options.json && !options.csv) older.forEach(options.out);
    tellBeside(options, proofLines(proofs, asked, isNone || options.csv));
  });
}

/** When the oldest value of a reading was asked, wall time, ms. */
function oldestOf({ takenAtMs, values }: Reading): number {
  return values.reduce((oldest, value) => Math.min(oldest, value.takenAtMs), takenAtMs);
}

/** The asked span of time; undefined when the latest values are asked. */
function chosenSpan({ from, to, note }: ReadingsOptions, nowMs: number): { fromMs: number; toMs: number } | undefined {
  if (from === undefined && to === undefined) return undefined;
  const span = parseSpan({ from, begin: '-24h', to }, nowMs);
  noteFuture({ to }, span.toMs, nowMs, note);
  return span;
}

/** A measuring point is followed through every LCU whose meter was there. */
function chosen(
  fleet: FleetReader,
  derived: Pick<StayReader, 'meterStays'>,
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
  return { lcus: [lcuOf(fleet, lcuId)], point };
}

/** The LCU of this name. Errors: `lcu-unknown`; `usage` for a quantity that was meant to go with others. */
export function lcuOf(fleet: Pick<FleetReader, 'find'>, name: string): Lcu {
  const lcu = fleet.find(name);
  if (lcu) return lcu;
  if (!quantityByName(name)) throw new FarolaError('lcu-unknown', { lcu: name });
  throw new FarolaError('usage', { reason: `${name} is a quantity and no LCU: write --quantity ONE,${name}` });
}

function chosenQuantities(names: readonly string[] | undefined): ReadonlySet<string> | undefined {
  for (const name of names ?? []) if (!quantityByName(name)) throw unknownQuantity(name);
  return names && new Set(names);
}
