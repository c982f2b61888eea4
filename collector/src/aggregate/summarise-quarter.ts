import { isCounter, type Quantity, quantityById, sameBytes, type SampleValue } from '@farola/shared';
import { counterStep } from './counter-step.js';
import {
  BREAKS_KEPT,
  type CounterPoint,
  type CounterSummary,
  type InstantSummary,
  type QuarterSummary,
  type SampleEnd,
  type SeriesBreak,
} from './quarter-summary.js';
import { samplingPeriod } from './sampling-period.js';

/** A sample of a measuring point, dated. */
export interface PointSample extends SampleEnd {
  /** The LCU's monotonic clock, ms. */
  readonly monoMs: number;
  /** Ids, in the order of the values. */
  readonly quantities: readonly number[];
  /** Empty when nothing was read. */
  readonly values: readonly SampleValue[];
}

/** No instantaneous value of a panel is beyond this, in the scale of its quantity; what is, counts as missing. */
const INSTANT_LIMIT = 2 ** 40;

interface Instants {
  count: number;
  min: bigint;
  max: bigint;
  sum: bigint;
}

/**
 * What is stored of the samples of one measuring point and quarter, in any order. Quantities that this version does not
 * know are left out: a rebuild by one that does brings them.
 */
export function summariseQuarter(samples: readonly PointSample[]): QuarterSummary {
  const inTime = [...samples].sort(byTime);
  const instants = new Map<number, Instants>();
  const counters = new Map<number, { quantity: Quantity; points: CounterPoint[] }>();
  for (const sample of inTime) {
    for (const [i, value] of sample.values.entries()) {
      const quantity = quantityById(sample.quantities[i] ?? -1);
      if (value === null || !quantity) continue;
      if (isEnergy(quantity)) pointsOf(counters, quantity).push({ at: sample, value: BigInt(value) });
      else if (value <= INSTANT_LIMIT && value >= -INSTANT_LIMIT) addInstant(instants, quantity.id, BigInt(value));
    }
  }
  return {
    samples: inTime.length,
    periodS: samplingPeriod(steps(inTime)),
    instants: byQuantity([...instants].map(([quantity, of]): InstantSummary => ({ quantity, ...of }))),
    counters: byQuantity([...counters.values()].map(({ quantity, points }) => summariseCounter(quantity, points))),
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

/** @param points one at the least, in time */
function summariseCounter(quantity: Quantity, points: readonly CounterPoint[]): CounterSummary {
  const [first] = points as readonly [CounterPoint, ...CounterPoint[]];
  let last = first;
  let counted = 0n;
  const breaks: SeriesBreak[] = [];
  for (const point of points.slice(1)) {
    const step = counterStep(last, point, mayFall(quantity));
    if ('counted' in step) counted += step.counted;
    else if (breaks.length < BREAKS_KEPT) breaks.push({ atMs: point.at.takenAtMs, reason: step.reason });
    last = point;
  }
  return { quantity: quantity.id, count: points.length, first, last, counted, breaks };
}

function addInstant(instants: Map<number, Instants>, quantity: number, value: bigint): void {
  const known = instants.get(quantity);
  if (!known) {
    instants.set(quantity, { count: 1, min: value, max: value, sum: value });
    return;
  }
  known.count++;
  known.sum += value;
  if (value < known.min) known.min = value;
  if (value > known.max) known.max = value;
}

function pointsOf(counters: Map<number, { quantity: Quantity; points: CounterPoint[] }>, quantity: Quantity): CounterPoint[] {
  const known = counters.get(quantity.id) ?? { quantity, points: [] };
  counters.set(quantity.id, known);
  return known.points;
}

/** Times between samples that follow each other in one epoch, by the monotonic clock, ms. */
function steps(inTime: readonly PointSample[]): number[] {
  return inTime.slice(1).flatMap((sample, i) => {
    const before = inTime[i] as PointSample;
    const step = sample.monoMs - before.monoMs;
    return step > 0 && sameBytes(sample.epoch, before.epoch) ? [step] : [];
  });
}

/** By time; where that does not tell, by identity, so that the order of receipt never matters. */
function byTime(a: PointSample, b: PointSample): number {
  return a.takenAtMs - b.takenAtMs || Buffer.compare(a.epoch, b.epoch) || a.n - b.n;
}

function byQuantity<Of extends { readonly quantity: number }>(of: Of[]): Of[] {
  return of.sort((a, b) => a.quantity - b.quantity);
}
