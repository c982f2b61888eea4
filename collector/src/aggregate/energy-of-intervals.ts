import { type CounterChain, type CounterQuarter, chainsOf } from './counter-chain.js';
import { counterStep } from './counter-step.js';
import type { Interval } from './intervals.js';
import type { PowerAround, PowerShown } from './power-shown.js';
import { BREAK_REASONS, type BreakReason, type CounterPoint, type CounterStep } from './quarter-summary.js';

/** What an interval of energy can be marked with. docs/aggregates.md says what each means. */
export type EnergyMark = BreakReason | 'no-data' | 'begin-missing' | 'end-missing' | 'first-reading' | 'glitch' | 'clock-stepped';

/** Energy of one interval, in the scale of its quantity. */
export interface IntervalEnergy extends Interval {
  /** Null when nothing is known of it. With a missing end, the part that is known. */
  readonly energy: bigint | null;
  /** Samples that have the counter. */
  readonly count: number;
  /** How many of them a rule of plausibility marks. */
  readonly flagged: number;
  readonly marks: readonly EnergyMark[];
}

/** What was counted while no sample was there at the end of an interval. */
export interface GapEnergy extends Interval {
  /** Null when the series broke in the gap, or the clock went back over it. */
  readonly energy: bigint | null;
  readonly marks: readonly (BreakReason | 'clock-stepped')[];
}

/** A sample is the end of an interval when it was taken this close to it, ms. */
export const END_TOLERANCE_MS = 60_000;

/** Energies of intervals that follow each other, and the gaps at their ends. */
export interface EnergySeries {
  readonly intervals: readonly IntervalEnergy[];
  /** Also those that reach beyond the intervals. */
  readonly gaps: readonly GapEnergy[];
}

/**
 * Energy of intervals: the counter at one end less the counter at the other, both of them samples within 60 s. Every
 * sample is the end of one interval and the begin of the next, so that the intervals and gaps of a span add up to what
 * the counter counted in it.
 * @param quarters in time; with the last one before the intervals and the first one behind them, if there are any
 * @param signed whether the quantity may fall
 * @param powerAround greatest power that the point shows around two samples
 */
export function energyOfIntervals(
  quarters: readonly CounterQuarter[],
  intervals: readonly Interval[],
  signed: boolean,
  powerAround: PowerAround = () => undefined,
): EnergySeries {
  const cuts = new Cuts(quarters, signed, powerAround);
  const ends = [...intervals.map(({ fromMs }) => fromMs), ...intervals.slice(-1).map(({ toMs }) => toMs)];
  const gaps = new Map<number, GapEnergy>();
  for (const end of ends) {
    const { before, after, side, step } = cuts.at(end);
    if (side !== 'none' || !before || !after || !step) continue;
    gaps.set(before.at.takenAtMs, gapBetween(before, after, step, signed));
  }
  return { intervals: intervals.map((interval) => energyOf(interval, cuts)), gaps: [...gaps.values()] };
}

function gapBetween(before: CounterPoint, after: CounterPoint, step: CounterStep, signed: boolean): GapEnergy {
  const span = { fromMs: before.at.takenAtMs, toMs: after.at.takenAtMs };
  if ('reason' in step) return { ...span, energy: null, marks: [step.reason] };
  if (step.counted < 0n && !signed) return { ...span, energy: null, marks: ['clock-stepped'] };
  return { ...span, energy: step.counted, marks: [] };
}

function energyOf(interval: Interval, cuts: Cuts): IntervalEnergy {
  const inside = cuts.inside(interval);
  const begin = cuts.at(interval.fromMs);
  const end = cuts.at(interval.toMs);
  const known = cuts.known(interval);
  const count = known.reduce((sum, chain) => sum + chain.count, 0);
  const flagged = known.reduce((sum, chain) => sum + chain.flagged, 0);
  const of = { ...interval, count, flagged };
  const marks = new Set<EnergyMark>();
  let energy = 0n;
  let steps = inside.reduce((sum, chain) => sum + chain.steps, 0);
  const add = (step: CounterStep | undefined): void => {
    if (!step) return;
    if ('reason' in step) marks.add(step.reason);
    else {
      energy += step.counted;
      steps++;
    }
  };
  for (const { counted, breaks } of inside) {
    energy += counted;
    for (const reason of breaks) marks.add(reason);
  }
  if (begin.side === 'before' && (inside.length > 0 || end.side === 'after')) add(begin.step);
  for (const { beginMs } of inside.slice(1)) add(cuts.at(beginMs).step);
  if (end.side === 'after' && inside.length > 0) add(end.step);
  if (known.some(({ leftOut }) => leftOut > 0)) marks.add('glitch');
  if (begin.side === 'none') marks.add(begin.before ? 'begin-missing' : 'first-reading');
  if (end.side === 'none') marks.add('end-missing');
  if (inside.length === 0 && steps <= 0)
    return { ...of, energy: null, marks: [count > 0 ? 'glitch' : 'no-data', ...breaksOf(marks)] };
  if (energy < 0n && !cuts.signed) return { ...of, energy: null, marks: [...marks, 'clock-stepped'] };
  return { ...of, energy: steps > 0 ? energy : null, marks: [...marks] };
}

/** What broke between samples on both sides of an interval without any: no gap tells it where both are its ends. */
function breaksOf(marks: ReadonlySet<EnergyMark>): readonly BreakReason[] {
  return BREAK_REASONS.filter((reason) => marks.has(reason));
}

/** The samples on both sides of a moment, and which of them stands for it: the nearer one, if it is near enough. */
interface Cut {
  readonly before: CounterPoint | undefined;
  readonly after: CounterPoint | undefined;
  readonly side: 'before' | 'after' | 'none';
  /** From the one to the other. */
  readonly step: CounterStep | undefined;
}

class Cuts {
  readonly signed: boolean;
  readonly #all: readonly CounterChain[];
  /** Those with samples that last. */
  readonly #chains: readonly CounterChain[];
  readonly #powerAround: PowerAround;
  readonly #known = new Map<number, Cut>();

  constructor(quarters: readonly CounterQuarter[], signed: boolean, powerAround: PowerAround) {
    this.#all = chainsOf(quarters, signed, powerAround);
    this.#chains = this.#all.filter(({ ends }) => ends !== undefined);
    this.signed = signed;
    this.#powerAround = powerAround;
  }

  at(ms: number): Cut {
    const known = this.#known.get(ms) ?? this.#cut(ms);
    this.#known.set(ms, known);
    return known;
  }

  /** Quarters of an interval with samples. */
  known({ fromMs, toMs }: Interval): readonly CounterChain[] {
    return this.#all.slice(indexAt(this.#all, fromMs), indexAt(this.#all, toMs));
  }

  /** Quarters of an interval with samples that last. */
  inside({ fromMs, toMs }: Interval): readonly CounterChain[] {
    return this.#chains.slice(indexAt(this.#chains, fromMs), indexAt(this.#chains, toMs));
  }

  #cut(ms: number): Cut {
    const index = indexAt(this.#chains, ms);
    const before = this.#chains[index - 1]?.ends?.last;
    const after = this.#chains[index]?.ends?.first;
    const shownW = (): PowerShown => before && after && this.#powerAround(before.at.takenAtMs, after.at.takenAtMs);
    const step = before && after && counterStep(before, after, this.signed, { shownW });
    return { before, after, step, side: sideOf(ms, before, after) };
  }
}

/** Index of the first quarter that begins at this moment or later. */
function indexAt(chains: readonly CounterChain[], ms: number): number {
  let low = 0;
  let high = chains.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((chains[middle] as CounterChain).beginMs < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sideOf(ms: number, before: CounterPoint | undefined, after: CounterPoint | undefined): Cut['side'] {
  const past = before ? ms - before.at.takenAtMs : Infinity;
  const ahead = after ? after.at.takenAtMs - ms : Infinity;
  if (Math.min(past, ahead) > END_TOLERANCE_MS) return 'none';
  return past <= ahead ? 'before' : 'after';
}
