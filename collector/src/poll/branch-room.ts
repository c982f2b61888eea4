import { type Clock, toHex } from '@farola/shared';
import { BRANCH_LIMIT, BRANCH_PAUSE_MS, BRANCHES_AT_ONCE, branchOf, epochOf } from '../branch-id.js';

/** Epochs of one LCU that are known to wait; of more the one that waits longest is let go on. */
export const WAITS_KEPT = 256;

/**
 * Whether one more chain of a forked epoch may begin. Three at once: a thief, the unit, and what of both was mixed before the
 * fork was seen. Before each further one that epoch waits, so that who has its key cannot use up what is left before the true unit
 * comes; and there is an end, since each answer is held against all of them. Behind that end one place is kept for a key that came
 * later than the epoch, which who has the old one does not have. A restart of the collector forgets the waits.
 */
export class BranchRoom {
  readonly #clock: Clock;
  /** By LCU and epoch, when its last chain began that others wait for, monotonic ms; the oldest first. */
  readonly #beganMs = new Map<number, Map<string, number>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * @param count chains that the epoch has
   * @param isOfLaterKey whether the key by which the chain comes was enrolled after the epoch began
   */
  mayBegin(lcuNo: number, epoch: Uint8Array, count: number, isOfLaterKey: () => boolean): boolean {
    if (count < BRANCHES_AT_ONCE) return true;
    if (count > BRANCH_LIMIT || this.#waits(lcuNo, epoch)) return false;
    return count < BRANCH_LIMIT || isOfLaterKey();
  }

  /** A chain is stored that was not there before. */
  began(lcuNo: number, id: Uint8Array): void {
    if (branchOf(id) < BRANCHES_AT_ONCE - 1) return;
    const ofLcu = this.#beganMs.get(lcuNo) ?? new Map<string, number>();
    this.#beganMs.set(lcuNo, ofLcu);
    const epoch = toHex(epochOf(id));
    ofLcu.delete(epoch);
    ofLcu.set(epoch, this.#clock.now().monoMs);
    for (const [oldest] of ofLcu) {
      if (ofLcu.size <= WAITS_KEPT) return;
      ofLcu.delete(oldest);
    }
  }

  #waits(lcuNo: number, epoch: Uint8Array): boolean {
    const beganMs = this.#beganMs.get(lcuNo)?.get(toHex(epoch));
    return beganMs !== undefined && this.#clock.now().monoMs - beganMs < BRANCH_PAUSE_MS;
  }
}
