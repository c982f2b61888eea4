import { sameBytes } from '@farola/shared';
import type { EpochHolding } from './epoch-holding.js';
import type { Ledger } from './ledger.js';
import type { HeldRange } from './held-range.js';

/** Epochs of one LCU that are kept in memory; the one used longest ago goes first. */
const EPOCHS_PER_LCU = 64;

interface KnownEpoch {
  readonly epoch: Uint8Array;
  holding: EpochHolding;
}

/** What is stored of each epoch, kept in memory while its LCU is connected. Only committed ranges get in. */
export class Holdings {
  readonly #ledger: Pick<Ledger, 'holding'>;
  /** The epoch used last stands last. */
  readonly #byLcu = new Map<number, KnownEpoch[]>();

  constructor(ledger: Pick<Ledger, 'holding'>) {
    this.#ledger = ledger;
  }

  /** What is stored of an epoch. */
  of(lcuNo: number, epoch: Uint8Array): EpochHolding {
    const known = this.#find(lcuNo, epoch);
    if (known) return known.holding;
    const holding = this.#ledger.holding(lcuNo, epoch);
    const epochs = this.#byLcu.get(lcuNo);
    if (!epochs) this.#byLcu.set(lcuNo, [{ epoch, holding }]);
    else if (epochs.push({ epoch, holding }) > EPOCHS_PER_LCU) epochs.shift();
    return holding;
  }

  /** Takes committed ranges in. */
  add(lcuNo: number, epoch: Uint8Array, ranges: readonly HeldRange[]): void {
    const known = this.#find(lcuNo, epoch);
    if (known) known.holding = known.holding.grownBy(ranges);
  }

  /** Forgets an LCU; its holdings are read again when it comes back. */
  forget(lcuNo: number): void {
    this.#byLcu.delete(lcuNo);
  }

  #find(lcuNo: number, epoch: Uint8Array): KnownEpoch | undefined {
    const epochs = this.#byLcu.get(lcuNo);
    const newest = epochs?.[epochs.length - 1];
    if (!epochs || !newest || sameBytes(newest.epoch, epoch)) return newest;
    const at = epochs.findLastIndex((one) => sameBytes(one.epoch, epoch));
    if (at === -1) return undefined;
    epochs.push(...epochs.splice(at, 1));
    return epochs[epochs.length - 1];
  }
}
