import type { Interval } from './intervals.js';
import type { InstantSummary } from './quarter-summary.js';

/** An instantaneous quantity over one interval, in its scale. Null when no sample has it. */
export interface IntervalInstants extends Interval {
  /** Samples that have it. */
  readonly count: number;
  /** How many of them a rule of plausibility marks. */
  readonly flagged: number;
  readonly min: bigint | null;
  /** Of the samples, each of the same weight; rounded to the scale, halves away from zero. */
  readonly mean: bigint | null;
  readonly max: bigint | null;
}

/** Minimum, mean and maximum of an interval from those of its quarters. */
export function instantsOfInterval({ fromMs, toMs }: Interval, quarters: readonly InstantSummary[]): IntervalInstants {
  const count = quarters.reduce((all, quarter) => all + quarter.count, 0);
  const flagged = quarters.reduce((all, quarter) => all + quarter.flagged, 0);
  const [first] = quarters;
  if (!first) return { fromMs, toMs, count, flagged, min: null, mean: null, max: null };
  const min = quarters.reduce((least, quarter) => (quarter.min < least ? quarter.min : least), first.min);
  const max = quarters.reduce((most, quarter) => (quarter.max > most ? quarter.max : most), first.max);
  const sum = quarters.reduce((all, quarter) => all + quarter.sum, 0n);
  return { fromMs, toMs, count, flagged, min, mean: divided(sum, BigInt(count)), max };
}

/** Rounded to a whole number, halves away from zero. @param by above zero */
function divided(value: bigint, by: bigint): bigint {
  const size = value < 0n ? -value : value;
  const whole = (2n * size + by) / (2n * by);
  return value < 0n ? -whole : whole;
}
