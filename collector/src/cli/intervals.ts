import { csvLine, FarolaError, isoTime, jsonTime, quantityByName, systemClock, counted, unknownQuantity } from '@farola/shared';
import type { AggregateReader, WithoutPlace } from '../aggregate/aggregate-store.js';
import { intervalSeries } from '../aggregate/interval-series.js';
import type { IntervalKind } from '../aggregate/intervals.js';
import { openSqliteAggregateReader } from '../aggregate/sqlite-aggregates.js';
import { type ZoneClock, zoneClock } from '../aggregate/zone-clock.js';
import type { CollectorConfig } from '../config.js';
import type { SqliteState } from '../fleet/sqlite-state.js';
import { statePaths } from '../config/state-paths.js';
import { intervalChart } from './interval-chart.js';
import { type IntervalRow, intervalRows } from './interval-rows.js';
import { intervalTable } from './interval-table.js';
import { withState } from './open-store.js';
import { parseSpanIn } from './parse-time.js';
import { tellCopy } from './tell-copy.js';
import { proofJson, proofLines, type ProofsOrWhyNot, readProofs, tellBeside } from './known-proofs.js';
import { lcuOf, type ReadingsOptions } from './readings.js';

/** Options of `readings --interval`. */
export type IntervalOptions = ReadingsOptions & { readonly interval: IntervalKind };

/** Where a span begins that is not told. */
const BEGIN: Readonly<Record<IntervalKind, string>> = { '15min': '-24h', 'hour': '-48h', 'day': '-31d', 'month': '-366d' };
/** Longest span that is asked at once, ms: ten years. */
const LONGEST_MS = 3653 * 86_400_000;
/** Age of the aggregates beyond which it is said that nothing makes them, ms. */
const OLD_MS = 120_000;
const FALLBACK_WIDTH = 80;

/**
 * Prints readings by interval, of an LCU, a measuring point, a panel or all, as a table, CSV, JSON lines or charts.
 * Errors: `lcu-unknown`, `panel-unknown`, `point-unknown`, `quantity-unknown`, `time-invalid`, `usage`,
 * `aggregates-missing`.
 */
export async function printIntervals(options: IntervalOptions): Promise<void> {
  for (const name of options.quantity ?? []) if (!quantityByName(name)) throw unknownQuantity(name);
  await withState(options.config, async (state, config) => {
    const reader = await openSqliteAggregateReader(statePaths(config).aggregates, tellCopy);
    try {
      print(options, state, config, reader, await readProofs(config));
    } finally {
      reader.close();
    }
  });
}

function print(
  options: IntervalOptions,
  state: SqliteState,
  config: CollectorConfig,
  reader: AggregateReader,
  proofs: ProofsOrWhyNot,
): void {
  const { interval: kind, from, to, out } = options;
  const nowMs = systemClock().now().wallMs;
  const quantities = options.quantity && new Set(options.quantity);
  const points = chosenPoints(options, state, reader);
  const zones = new Map(state.panels.list().map(({ panel, timeZone }) => [panel, timeZone ?? config.timeZone]));
  const printer = printerOf(options);
  let begin = nowMs;
  let shown = 0;
  for (const point of points) {
    const clock = zoneClock(zones.get(point.split('/')[0] ?? '') ?? config.timeZone);
    const span = parseSpanIn(clock, { from, begin: BEGIN[kind], to }, nowMs);
    if (span.toMs - span.fromMs > LONGEST_MS) throw new FarolaError('usage', { reason: 'the span is longer than ten years' });
    begin = Math.min(begin, span.fromMs);
    for (const series of intervalSeries(reader, { point, kind, clock, ...span, nowMs, quantities })) {
      shown += 1;
      if (options.chart) [point, ...intervalChart(series, clock, process.stdout.columns || FALLBACK_WIDTH), ''].forEach(out);
      else for (const row of intervalRows(series)) printer.row(point, row, clock);
    }
  }
  printer.end();
  if (options.chart && shown === 0) out('no readings');
  const lcuNos = new Set(points.flatMap((of) => reader.lcusAt(of)));
  const leftOut = reader.leftOut([...lcuNos], begin);
  const notes = { madeUpToMs: reader.lookedAtMs(), ...withoutPlace(reader, lcuNos, begin), leftOut };
  const { madeUpToMs, ...without } = notes;
  const names = state.fleet.list().filter(({ lcuNo }) => lcuNos.has(lcuNo));
  const asked = names.map(({ lcuId }) => ({ lcuId, sinceMs: begin }));
  if (options.json) {
    return out(JSON.stringify({ row: 'notes', madeUpTo: jsonTime(madeUpToMs), ...without, proof: proofJson(proofs, asked) }));
  }
  if (!options.csv) notesText({ ...notes, nothing: shown === 0 }, nowMs).forEach(out);
  tellBeside(options, [...leftOutText(leftOut), ...proofLines(proofs, asked, shown === 0 || options.csv)]);
}

/** An LCU's points are those where it ever measured; their series are whole, whoever else measured there. */
function chosenPoints(
  { lcuId, point, panel }: IntervalOptions,
  { fleet, panels }: SqliteState,
  reader: AggregateReader,
): readonly string[] {
  if ([lcuId, point, panel].filter((one) => one !== undefined).length > 1) {
    throw new FarolaError('usage', { reason: 'name one of an LCU, --point and --panel' });
  }
  if (point !== undefined) {
    if (!/^[^/]+\/[^/]+$/.test(point)) throw new FarolaError('usage', { reason: `--point ${point} is not panel/analyser` });
    if (!reader.span(point)) throw new FarolaError('point-unknown', { point });
    return [point];
  }
  if (panel !== undefined) {
    if (!panels.list().some((one) => one.panel === panel)) throw new FarolaError('panel-unknown', { panel });
    return reader.points({ panel });
  }
  if (lcuId === undefined) return reader.points({});
  return reader.points({ lcuNo: lcuOf(fleet, lcuId).lcuNo });
}

function withoutPlace(reader: AggregateReader, lcus: Iterable<number>, fromMs: number): WithoutPlace {
  const sum = { undated: 0, unplaced: 0, barred: 0 };
  for (const lcuNo of lcus) {
    const { undated, unplaced, barred } = reader.withoutPlace(lcuNo, fromMs);
    sum.undated += undated;
    sum.unplaced += unplaced;
    sum.barred += barred;
  }
  return sum;
}

interface Printer {
  readonly row: (point: string, row: IntervalRow, clock: ZoneClock) => void;
  readonly end: () => void;
}

function printerOf({ csv, json, chart, out }: IntervalOptions): Printer {
  if (json) {
    return { row: (point, row, clock) => out(JSON.stringify(rowJson(point, row, clock))), end: () => undefined };
  }
  if (csv) {
    out(csvLine([...['row', 'point', 'localFrom', 'localTo', 'quantity', 'energy', 'min', 'mean', 'max', 'unit'], ...PRESENT]));
    return { row: (point, row, clock) => out(csvLine(csvCells(point, row, clock))), end: () => undefined };
  }
  const kept: [string, IntervalRow, ZoneClock][] = [];
  return {
    row: (...of) => void kept.push(of),
    end() {
      if (!chart) intervalTable(kept).forEach(out);
    },
  };
}

function rowJson(point: string, { row, fromMs, toMs, completeness, marks, ...rest }: IntervalRow, clock: ZoneClock): object {
  const ends = { from: jsonTime(fromMs), to: jsonTime(toMs), localFrom: clock.write(fromMs), localTo: clock.write(toMs) };
  return { row, point, ...ends, ...rest, completenessPercent: completeness === null ? null : Number(completeness), marks };
}

const PRESENT = ['samples', 'expected', 'completenessPercent', 'marks', 'flagged'];

function csvCells(point: string, row: IntervalRow, clock: ZoneClock): string[] {
  const { quantity, energy, min, mean, max, unit, samples, expected, completeness, marks, flagged } = row;
  const values = [energy, min, mean, max].map((value) => value ?? '');
  const text = (value: number | string | null): string => (value === null ? '' : String(value));
  const ends = [clock.write(row.fromMs), clock.write(row.toMs)];
  const present = [text(samples), text(expected), text(completeness), marks.join(' '), text(flagged)];
  return [row.row, point, ...ends, quantity, ...values, unit, ...present];
}

function notesText(
  { madeUpToMs, nothing, undated, unplaced, barred }: WithoutPlace & { madeUpToMs: number | null; nothing: boolean },
  nowMs: number,
): string[] {
  const old = madeUpToMs === null || nowMs - madeUpToMs > OLD_MS;
  const upTo = madeUpToMs === null ? 'never whole' : isoTime(madeUpToMs);
  return [
    ...(old || nothing ? [`made up to ${upTo}: the running collector makes them from the ledger`] : []),
    ...(undated > 0
      ? [`${counted(undated, 'sample is', 'samples are')} in no interval, since nothing tells when they were taken`]
      : []),
    ...(unplaced > 0
      ? [`${counted(unplaced, 'sample is', 'samples are')} in no interval, since their analyser was not told yet`]
      : []),
    ...(barred > 0
      ? [`${counted(barred, 'sample does not count', 'samples do not count')}, since their LCU was quarantined`]
      : []),
  ];
}

/** What figures lack since they were made anew from a ledger that was harmed. */
function leftOutText(count: number): string[] {
  if (count === 0) return [];
  const what = counted(count, 'place of the ledger is', 'places of the ledger are');
  const why = 'which did not agree with what was signed, or were gone, when these were made anew';
  return [`LEFT OUT: ${what} not in these, ${why}: mend the ledger, then \`farola-collector ledger rebuild\``];
}
