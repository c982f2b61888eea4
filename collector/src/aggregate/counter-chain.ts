import { isGlitch } from './counter-glitch.js';
import type { PowerAround, PowerShown } from './power-shown.js';
import type { BreakReason, CounterPoint, CounterStep, CounterSummary } from './quarter-summary.js';

/** A counter in one quarter, and when that begins. */
export interface CounterQuarter {
  readonly beginMs: number;
  readonly counter: CounterSummary;
}

/** A counter in one quarter, after the samples on both sides told which of its own last. */
export interface CounterChain {
  readonly beginMs: number;
  /** Samples that have the counter. */
  readonly count: number;
  /** How many of them a rule of plausibility marks. */
  readonly flagged: number;
  /** How many of them are left out. */
  readonly leftOut: number;
  /** Undefined when all are left out. */
  readonly ends: { readonly first: CounterPoint; readonly last: CounterPoint } | undefined;
  /** What was counted from the first to the last, without what lies in breaks. */
  readonly counted: bigint;
  /** Steps from sample to sample that it is the sum of. */
  readonly steps: number;
  readonly breaks: readonly BreakReason[];
}

/**
 * Joins quarters: the first and the last sample of each are held against those beside them, in whichever quarter these are.
 * @param quarters in time
 */
export function chainsOf(quarters: readonly CounterQuarter[], signed: boolean, powerAround: PowerAround): CounterChain[] {
  const lasts = (before: CounterPoint | undefined, point: CounterPoint | undefined, after: CounterPoint | undefined): boolean => {
    const shownW = (): PowerShown => before && after && powerAround(before.at.takenAtMs, after.at.takenAtMs);
    return point !== undefined && !isGlitch(before, point, after, signed, { shownW });
  };
  const withSamples = quarters.filter(({ counter }) => counter.head.length > 0);
  const places = new Map(withSamples.map((quarter, i) => [quarter, i]));
  return quarters.map((quarter) => {
    const { head, tail } = quarter.counter;
    const place = places.get(quarter) ?? 0;
    const before = withSamples[place - 1]?.counter.tail.at(-1);
    const after = withSamples[place + 1]?.counter.head[0];
    const isAlone = head.length === 1;
    return chainOf(quarter, lasts(before, head[0], head[1] ?? after), !isAlone && lasts(tail[0], tail[1], after));
  });
}

function chainOf({ beginMs, counter }: CounterQuarter, firstLasts: boolean, lastLasts: boolean): CounterChain {
  const { count, flagged, head, tail, core, begin, end } = counter;
  const outermost = [firstLasts ? head[0] : undefined, core?.first, core?.last, lastLasts ? tail.at(-1) : undefined];
  const inside = outermost.filter((point) => point !== undefined);
  const [first, last] = [inside[0], inside.at(-1)];
  const isBegun = firstLasts && (core !== null || lastLasts);
  const edges = [isBegun ? begin : null, lastLasts ? end : null].filter((step) => step !== null);
  const isOutside = (isIn: boolean, point: CounterPoint | undefined): number => (point && !isIn ? 1 : 0);
  return {
    beginMs,
    count,
    flagged,
    leftOut: counter.leftOut + isOutside(firstLasts, head[0]) + isOutside(lastLasts, tail[1]),
    ends: first && last && { first, last },
    counted: edges.reduce((sum, step) => sum + countedIn(step), core?.counted ?? 0n),
    steps: edges.filter((step) => 'counted' in step).length + (core?.steps ?? 0),
    breaks: [
      ...(core?.breaks ?? []).map(({ reason }) => reason),
      ...edges.flatMap((step) => ('reason' in step ? step.reason : [])),
    ],
  };
}

function countedIn(step: CounterStep): bigint {
  return 'counted' in step ? step.counted : 0n;
}
