import type { Verdict } from '../poll/poll-observer.js';

/** Rounds of one LCU, one after the other, that came to the same. */
export interface OutcomeRun {
  readonly lcuNo: number;
  /** When the first of them was due, wall time in ms. */
  readonly fromMs: number;
  /** Length of a round when they were polled, ms. */
  readonly roundMs: number;
  /** How many, 1 or more. */
  readonly rounds: number;
  /** `ok`: the first answer of the round was verified and stored. Else the code why not. */
  readonly outcome: Verdict;
}

/** When the round after the last one of a run is due, wall time in ms. */
export function endOf({ fromMs, roundMs, rounds }: OutcomeRun): number {
  return fromMs + rounds * roundMs;
}

/** Of the rounds of a run, those that were due from `fromMs` on and before `toMs`. */
export function roundsWithin(run: OutcomeRun, fromMs: number, toMs: number): number {
  return duesWithin(run.fromMs, run.roundMs, Math.max(fromMs, run.fromMs), Math.min(toMs, endOf(run)));
}

/** How many times `anyDueMs + k * roundMs`, k whole, lie in [fromMs, toMs). */
export function duesWithin(anyDueMs: number, roundMs: number, fromMs: number, toMs: number): number {
  if (toMs <= fromMs) return 0;
  return Math.ceil((toMs - anyDueMs) / roundMs) - Math.ceil((fromMs - anyDueMs) / roundMs);
}
