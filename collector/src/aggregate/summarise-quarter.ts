import { isCounter, type Quantity, quantityById, type SampleValue } from '@farola/shared';
import { powerIn, type PowerShown } from './power-shown.js';
import {
  type CounterPoint,
  type CounterSummary,
  type InstantSummary,
  type QuarterSummary,
  type SampleEnd,
} from './quarter-summary.js';
import { summariseSeries } from './summarise-counter.js';
import { type PointPlan, quarterPeriods } from './quarter-periods.js';

/** Values of a sample of a measuring point that were asked at one instant, dated. */
export interface PointSample extends SampleEnd {
  /** Of the row of the analyser table that it is of: seconds from sample to sample. */
  readonly periodS: number;
  /** All rows of that analyser. */
  readonly plan: PointPlan;
  /** Ids, in the order of the values. */
  readonly quantities: readonly number[];
  /** Empty when nothing was read. */
  readonly values: readonly SampleValue[];
  /** Ids of those whose values a rule finds not plausible. */
  readonly flagged: ReadonlySet<number>;
  /** Ids of the counters that another meter shows from here on. */
  readonly exchanged: ReadonlySet<number>;
  /** Ids of the counters whose value the LCU finds to be none that they have. */
  readonly glitches: ReadonlySet<number>;
}

/** No instantaneous value of a panel is beyond this, in the scale of its quantity; what is, counts as missing. */
const INSTANT_LIMIT = 2 ** 40;

interface Instants {
  count: number;
  flagged: number;
  min: bigint;
  max: bigint;
  sum: bigint;
}

interface Counted {
  readonly quantity: Quantity;
  /** In time. */
  readonly points: CounterPoint[];
  count: number;
  flagged: number;
}

/**
 * What is stored of the samples of one measuring point and quarter, in any order. Quantities that this version does not
 * know are left out: a rebuild by one that does brings them.
 */
export function summariseQuarter(samples: readonly PointSample[]): QuarterSummary {
  const inTime = [...samples].sort(byTime);
  const instants = new Map<number, Instants>();
  const counters = new Map<number, Counted>();
  for (const sample of inTime) {
    for (const [i, value] of sample.values.entries()) {
      const quantity = quantityById(sample.quantities[i] ?? -1);
      if (value === null || !quantity) continue;
      const isFlagged = sample.flagged.has(quantity.id);
      if (isEnergy(quantity)) {
        const isOfOther = sample.exchanged.has(quantity.id);
        addPoint(counters, quantity, { at: sample, value: BigInt(value), isOfOther }, sample);
      } else if (value <= INSTANT_LIMIT && value >= -INSTANT_LIMIT) addInstant(instants, quantity.id, BigInt(value), isFlagged);
    }
  }
  const summaries = byQuantity([...instants].map(([quantity, of]): InstantSummary => ({ quantity, ...of })));
  const shown = powerIn(summaries);
  return {
    periods: quarterPeriods(inTime),
    instants: summaries,
    counters: byQuantity([...counters.values()].map((of) => summariseCounter(of, shown))),
  };
}

/** Whether a quantity is energy: counted up, or as net energy up and down. */
export function isEnergy(quantity: Quantity): boolean {
  return isCounter(quantity) || mayFall(quantity);
}

/** Whether an energy may fall without anything being wrong. */
export function mayFall({ name }: Quantity): boolean {
  return name === 'activeEnergyNetTotal';
}

function summariseCounter({ quantity, points, count, flagged }: Counted, shown: PowerShown): CounterSummary {
  const series = summariseSeries(points, mayFall(quantity), () => shown);
  return { quantity: quantity.id, count, flagged, ...series, leftOut: series.leftOut + count - points.length };
}

function addInstant(instants: Map<number, Instants>, quantity: number, value: bigint, isFlagged: boolean): void {
  const flagged = isFlagged ? 1 : 0;
  const known = instants.get(quantity);
  if (!known) {
    instants.set(quantity, { count: 1, flagged, min: value, max: value, sum: value });
    return;
  }
  known.count++;
  known.flagged += flagged;
  known.sum += value;
  if (value < known.min) known.min = value;
  if (value > known.max) known.max = value;
}

/** What its LCU marks as a glitch is a sample that has the counter, and no part of the series. */
function addPoint(counters: Map<number, Counted>, quantity: Quantity, point: CounterPoint, sample: PointSample): void {
  const known = counters.get(quantity.id) ?? { quantity, points: [], count: 0, flagged: 0 };
  counters.set(quantity.id, known);
  known.count++;
  if (sample.flagged.has(quantity.id)) known.flagged++;
  if (!sample.glitches.has(quantity.id)) known.points.push(point);
}

/** By time; where that does not tell, by identity, so that the order of receipt never matters. */
function byTime(a: PointSample, b: PointSample): number {
  return a.takenAtMs - b.takenAtMs || Buffer.compare(a.epoch, b.epoch) || a.n - b.n;
}

function byQuantity<Of extends { readonly quantity: number }>(of: Of[]): Of[] {
  return of.sort((a, b) => a.quantity - b.quantity);
}
