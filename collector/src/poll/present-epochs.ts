import { sameBytes } from '@farola/shared';

/**
 * The epoch that each LCU was in when it answered last, as its answer listed it. Each start of an agent begins an epoch, and ends the
 * one before: who answers in an epoch that it had left is another unit with the same key, whatever its start entries name. It is
 * kept in memory: after a start of the collector the second change back shows it.
 */
export class PresentEpochs {
  readonly #byLcu = new Map<number, Uint8Array>();

  /** Whether an LCU was in another epoch when it answered last. */
  isAnother(lcuNo: number, epoch: Uint8Array): boolean {
    const before = this.#byLcu.get(lcuNo);
    return before !== undefined && !sameBytes(before, epoch);
  }

  /** An answer is stored. */
  answered(lcuNo: number, epoch: Uint8Array): void {
    const before = this.#byLcu.get(lcuNo);
    if (!before || !sameBytes(before, epoch)) this.#byLcu.set(lcuNo, Uint8Array.from(epoch));
  }
}
