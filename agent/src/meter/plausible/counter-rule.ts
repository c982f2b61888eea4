import type { SampleFlag } from '@farola/shared';

/** What a counter did, of the rules of plausibility. */
export type CounterFlag = Extract<SampleFlag, `counter-${string}`>;

/** What is known of a counter. */
export interface CounterFacts {
  /** It begins anew at this value; undefined when that is not known. */
  readonly end: number | undefined;
  /** The most that the analyser can measure, W. */
  readonly mostWatts: number;
  /** After a power cut it may be as much as these minutes behind. */
  readonly backMinutes: number;
  /** Whether it may fall: it counts both ways. */
  readonly isSigned: boolean;
}

/** From one value of a counter to another. */
export interface CounterMove {
  readonly before: number;
  readonly now: number;
  /** The time between, ms; NaN when it is not known. */
  readonly ms: number;
  /** Whether the analyser may have been without power meanwhile. */
  readonly afterCut: boolean;
  /** Its resolution. */
  readonly step: number;
}

const MS_OF_HOUR = 3_600_000;
const MINUTES_OF_HOUR = 60;
/** A counter that begins anew was within this part of its end, and is within it of its begin, where no time tells how far it can have come. */
const NEAR = 100;

/**
 * What a counter did from one value to the next; undefined when it counted. Pure. What cannot be known is not said: without the time
 * between, no step is too large.
 */
export function judgeCounter(move: CounterMove, facts: CounterFacts): CounterFlag | undefined {
  const { before, now, ms, afterCut, step } = move;
  const counted = now - before;
  const most = (facts.mostWatts * ms) / MS_OF_HOUR + 2 * step;
  if (counted >= 0 || facts.isSigned) return Math.abs(counted) > most ? 'counter-jumped' : undefined;
  if (hasRolledOver(move, facts, most)) return 'counter-rolled-over';
  if (afterCut && -counted <= (facts.mostWatts * facts.backMinutes) / MINUTES_OF_HOUR) return undefined;
  if (now === 0) return 'counter-zero';
  const beganAnew = Number.isNaN(most) ? now * NEAR <= before : now <= most;
  return beganAnew ? 'counter-reset' : 'counter-back';
}

function hasRolledOver({ before, now }: CounterMove, { end }: CounterFacts, most: number): boolean {
  if (end === undefined || before >= end || now < 0) return false;
  const toEnd = end - before;
  return Number.isNaN(most) ? toEnd * NEAR <= end && now * NEAR <= end : toEnd + now <= most;
}
