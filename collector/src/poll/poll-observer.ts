import type { ErrorCode } from '@farola/shared';
import type { Lcu } from '../fleet/fleet.js';

/** How a poll ended: a verified answer that is stored, or the code of what it was refused for. */
export type Verdict = 'ok' | ErrorCode;

/** Port: told of polls as they happen, on the thread that polls: it must be quick, and throws nothing. */
export interface PollObserver {
  /** A round comes when its place in time has come. @param lateMs how much later */
  roundDue(lateMs: number): void;
  /**
   * The first poll of a round has ended; not told where the collector failed before it had judged the answer. `ok` is a verified answer, also one
   * that could not be stored. @param atMs wall time when the round began, ms
   */
  roundDecided(lcu: Pick<Lcu, 'lcuNo' | 'lcuId'>, atMs: number, verdict: Verdict): void;
  /** A round has ended, with all its polls. */
  roundEnded(tookMs: number): void;
  /** A poll has ended. @param entriesStored entries of it that were new */
  polled(verdict: Verdict, entriesStored: number): void;
}

/** Tells several observers, in their order. */
export function tellAll(observers: readonly PollObserver[]): PollObserver {
  return {
    roundDue(lateMs) {
      for (const one of observers) one.roundDue(lateMs);
    },
    roundDecided(lcu, atMs, verdict) {
      for (const one of observers) one.roundDecided(lcu, atMs, verdict);
    },
    roundEnded(tookMs) {
      for (const one of observers) one.roundEnded(tookMs);
    },
    polled(verdict, entriesStored) {
      for (const one of observers) one.polled(verdict, entriesStored);
    },
  };
}
