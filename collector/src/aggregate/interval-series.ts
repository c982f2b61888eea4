import { type Quantity, quantityById } from '@farola/shared';
import type { AggregateReader } from './aggregate-store.js';
import type { CounterQuarter } from './counter-chain.js';
import { energyOfIntervals, type EnergyMark, type GapEnergy, type IntervalEnergy } from './energy-of-intervals.js';
import { expectedSamples, type StoredQuarter } from './expected-samples.js';
import { instantsOfInterval, type IntervalInstants } from './instants-of-intervals.js';
import { type Interval, type IntervalKind, intervalsBetween } from './intervals.js';
import { powerAround } from './power-shown.js';
import type { InstantSummary, QuarterSummary } from './quarter-summary.js';
import { QUARTER_MS, quarterOf } from './quarter.js';
import { isEnergy, mayFall } from './summarise-quarter.js';
import type { ZoneClock } from './zone-clock.js';

/** Which intervals are asked. */
export interface IntervalQuery {
  readonly point: string;
  readonly kind: IntervalKind;
  readonly clock: ZoneClock;
  readonly fromMs: number;
  readonly toMs: number;
  readonly nowMs: number;
  /** Names; all that the analyser is asked for when undefined. */
  readonly quantities?: ReadonlySet<string> | undefined;
}

/** Samples that an interval has and should have. */
export interface Completeness {
  /** By the periods of the rows of the analyser; 0 where the period is longer, or the analyser is not asked for the quantity. */
  readonly expected: number;
  /** Whether the interval has not ended. */
  readonly running: boolean;
}

/** What an energy did in a span. */
export interface EnergySum extends Interval {
  /** Intervals and the gaps between them; null when nothing is known. */
  readonly energy: bigint | null;
  readonly count: number;
  readonly flagged: number;
  /** None when the sum is the counter at the end less the counter at the begin. */
  readonly marks: readonly EnergyMark[];
}

/** One quantity of a measuring point in intervals that follow each other. */
export type QuantitySeries =
  | {
      readonly quantity: Quantity;
      readonly kind: 'energy';
      readonly intervals: readonly (IntervalEnergy & Completeness)[];
      /** Those that reach beyond the span are not in the sum. */
      readonly gaps: readonly (GapEnergy & { readonly beyond: boolean })[];
      readonly sum: EnergySum & Completeness;
    }
  | {
      readonly quantity: Quantity;
      readonly kind: 'instants';
      readonly intervals: readonly (IntervalInstants & Completeness)[];
    };

/** Quarters with samples that are looked through for a counter before and behind the span. */
const SEARCHED_QUARTERS = 3360;
/** Samples of a counter that are looked for there: one to stand at the end, and those that tell whether it lasts. */
const SAMPLES_AROUND = 3;

/**
 * The quantities of a measuring point in intervals, by quantity id. Begins with the interval of the first sample ever;
 * empty when the span ends before that.
 */
export function intervalSeries(reader: AggregateReader, query: IntervalQuery): QuantitySeries[] {
  const { point, kind, clock, nowMs } = query;
  const span = reader.span(point);
  if (!span) return [];
  const intervals = intervalsBetween(kind, clock, Math.max(query.fromMs, span.first * QUARTER_MS), Math.min(query.toMs, nowMs));
  const [first, last] = [intervals[0], intervals.at(-1)];
  if (!first || !last) return [];
  const quarters = quartersOf(reader, point, quarterOf(first.fromMs), quarterOf(last.toMs));
  const byNumber = new Map(quarters.map(({ quarter, summary }) => [quarter, summary]));
  const quantities = quantitiesIn(quarters.length > 0 ? quarters : quartersNear(reader, point, span, first.fromMs)).filter(
    ({ name }) => !query.quantities || query.quantities.has(name),
  );
  const around = quartersAround(reader, point, span, first.fromMs, last.toMs, quantities);
  const known = [...around.before.slice(-1), ...quarters];
  const notAsked = reader.notAsked(point);
  const shown = powerAround(reader, point);
  return quantities.map((quantity) => {
    const completeness = completenessOf(expectedSamples(known, quantity.id, nowMs, notAsked), nowMs);
    if (!isEnergy(quantity)) {
      return {
        quantity,
        kind: 'instants',
        intervals: intervals.map((of) => ({ ...instantsIn(of, byNumber, quantity), ...completeness(of) })),
      };
    }
    const counted = [...around.before, ...quarters, ...around.after].flatMap((of) => counterIn(of, quantity));
    const series = energyOfIntervals(counted, intervals, mayFall(quantity), shown);
    const gaps = series.gaps.map((gap) => ({ ...gap, beyond: gap.fromMs < first.fromMs || gap.toMs > last.toMs }));
    const energies = series.intervals.map((of) => ({ ...of, ...completeness(of) })).map(stillRunning);
    const whole = { fromMs: first.fromMs, toMs: last.toMs };
    return {
      quantity,
      kind: 'energy',
      intervals: energies,
      gaps,
      sum: { ...sumOf(whole, energies, gaps), ...completeness(whole) },
    };
  });
}

function quartersOf(reader: AggregateReader, point: string, from: number, to: number): StoredQuarter[] {
  const quarters: StoredQuarter[] = [];
  for (let quarter = from; quarter < to; quarter++) {
    const summary = reader.quarter(point, quarter);
    if (summary) quarters.push({ quarter, summary });
  }
  return quarters;
}

/** The last quarter before a span in which nothing was measured: a gap may go through all of it. */
function quartersNear(
  reader: AggregateReader,
  point: string,
  { first, last }: { readonly first: number; readonly last: number },
  fromMs: number,
): StoredQuarter[] {
  for (let quarter = Math.min(last, quarterOf(fromMs) - 1); quarter >= first; quarter--) {
    const summary = reader.quarter(point, quarter);
    if (summary) return [{ quarter, summary }];
  }
  return [];
}

function quantitiesIn(quarters: readonly StoredQuarter[]): Quantity[] {
  const ids = new Set<number>();
  for (const { summary } of quarters) {
    for (const { quantity, spells } of summary.periods) if (spells.some(({ periodS }) => periodS !== null)) ids.add(quantity);
  }
  return [...ids].sort((a, b) => a - b).flatMap((id) => quantityById(id) ?? []);
}

/** Quarters before and behind a span, as far away as the counters are: what lies at its ends, and the gaps there. */
function quartersAround(
  reader: AggregateReader,
  point: string,
  { first, last }: { readonly first: number; readonly last: number },
  fromMs: number,
  toMs: number,
  quantities: readonly Quantity[],
): { before: StoredQuarter[]; after: StoredQuarter[] } {
  const search = (from: number, step: 1 | -1): StoredQuarter[] => {
    const found: StoredQuarter[] = [];
    const missing = new Map(quantities.filter(isEnergy).map(({ id }) => [id, SAMPLES_AROUND]));
    for (let quarter = from; quarter >= first && quarter <= last && found.length < SEARCHED_QUARTERS; quarter += step) {
      const summary = reader.quarter(point, quarter);
      if (!summary) continue;
      found.push({ quarter, summary });
      for (const { quantity, head, core } of summary.counters) {
        const left = (missing.get(quantity) ?? 0) - (core ? SAMPLES_AROUND : head.length);
        if (left > 0) missing.set(quantity, left);
        else missing.delete(quantity);
      }
      if (missing.size === 0) break;
    }
    return found;
  };
  return {
    before: search(Math.min(last, quarterOf(fromMs) - 1), -1).reverse(),
    after: search(Math.max(first, quarterOf(toMs)), 1),
  };
}

/** Parts of a sample are added up in floating point. */
const ROUNDING = 1e-6;

function completenessOf(expectedIn: (quarter: number) => number, nowMs: number): (interval: Interval) => Completeness {
  return ({ fromMs, toMs }) => {
    let expected = 0;
    for (let quarter = quarterOf(fromMs); quarter < quarterOf(toMs); quarter++) expected += expectedIn(quarter);
    return { expected: Math.floor(expected + ROUNDING), running: toMs > nowMs };
  };
}

function instantsIn(interval: Interval, quarters: ReadonlyMap<number, QuarterSummary>, { id }: Quantity): IntervalInstants {
  const inside: InstantSummary[] = [];
  for (let quarter = quarterOf(interval.fromMs); quarter < quarterOf(interval.toMs); quarter++) {
    const found = quarters.get(quarter)?.instants.find(({ quantity }) => quantity === id);
    if (found) inside.push(found);
  }
  return instantsOfInterval(interval, inside);
}

function counterIn({ quarter, summary }: StoredQuarter, { id }: Quantity): CounterQuarter[] {
  const counter = summary.counters.find(({ quantity }) => quantity === id);
  return counter ? [{ beginMs: quarter * QUARTER_MS, counter }] : [];
}

/** An end that is still to come is not missing. */
function stillRunning<Of extends IntervalEnergy & Completeness>(of: Of): Of {
  return of.running ? { ...of, marks: of.marks.filter((mark) => mark !== 'end-missing') } : of;
}

function sumOf(
  { fromMs, toMs }: Interval,
  intervals: readonly (IntervalEnergy & Completeness)[],
  gaps: readonly (GapEnergy & { readonly beyond: boolean })[],
): EnergySum {
  const inside = gaps.filter(({ beyond }) => !beyond);
  const known = [...intervals, ...inside].flatMap(({ energy }) => energy ?? []);
  const breaks = [...intervals, ...inside].flatMap(({ marks }) => [...marks]).filter(isAboutTheSum);
  const marks = new Set<EnergyMark>(breaks);
  if (gaps.some((gap) => gap.fromMs < fromMs)) marks.add('begin-missing');
  if (gaps.some((gap) => gap.toMs > toMs)) marks.add('end-missing');
  const [end] = intervals.slice(-1);
  if (end && !end.running && (end.marks.includes('end-missing') || end.marks.includes('no-data'))) marks.add('end-missing');
  const count = intervals.reduce((sum, of) => sum + of.count, 0);
  const flagged = intervals.reduce((sum, of) => sum + of.flagged, 0);
  const energy = known.length > 0 ? known.reduce((sum, of) => sum + of, 0n) : null;
  return { fromMs, toMs, energy, count, flagged, marks: [...marks] };
}

/** What is missing at an end between two intervals is in the gap there. */
function isAboutTheSum(mark: EnergyMark): boolean {
  return mark !== 'begin-missing' && mark !== 'end-missing' && mark !== 'no-data';
}
