import type { Clock } from '@farola/shared';
import { BRANCH_LIMIT, BRANCH_PAUSE_MS, BRANCHES_AT_ONCE, branchOf } from '../branch-id.js';

/**
 * Whether one more chain of a forked epoch may begin. Three at once: a thief, the unit, and what of both was mixed before the
 * fork was seen. Of each further one an LCU waits, so that who has its key cannot use up what is left before the true unit comes;
 * and there is an end, since each answer is held against all of them. A restart of the collector forgets the wait.
 */
export class BranchRoom {
  readonly #clock: Clock;
  /** By LCU, when the last one began that had to wait, monotonic ms. */
  readonly #beganMs = new Map<number, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param count chains that the epoch has */
  mayBegin(lcuNo: number, count: number): boolean {
    if (count < BRANCHES_AT_ONCE) return true;
    const beganMs = this.#beganMs.get(lcuNo);
    return count < BRANCH_LIMIT && (beganMs === undefined || this.#clock.now().monoMs - beganMs >= BRANCH_PAUSE_MS);
  }

  /** A chain is stored that was not there before. */
  began(lcuNo: number, id: Uint8Array): void {
    if (branchOf(id) >= BRANCHES_AT_ONCE) this.#beganMs.set(lcuNo, this.#clock.now().monoMs);
  }
}
