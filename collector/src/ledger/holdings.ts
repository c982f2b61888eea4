import { toHex } from '@farola/shared';
import type { EpochHolding } from './epoch-holding.js';
import type { Ledger } from './ledger.js';
import type { HeldRange } from './held-range.js';

/** Epochs of one LCU that are kept in memory; the one used longest ago goes first. */
const EPOCHS_PER_LCU = 64;

/** What is stored of each epoch, kept in memory while its LCU is connected. Only committed ranges get in. */
export class Holdings {
  readonly #ledger: Pick<Ledger, 'holding'>;
  readonly #byLcu = new Map<number, Map<string, EpochHolding>>();

  constructor(ledger: Pick<Ledger, 'holding'>) {
    this.#ledger = ledger;
  }

  /** What is stored of an epoch. */
  of(lcuNo: number, epoch: Uint8Array): EpochHolding {
    const epochs = this.#epochs(lcuNo);
    const name = toHex(epoch);
    const holding = epochs.get(name) ?? this.#ledger.holding(lcuNo, epoch);
    this.#keep(epochs, name, holding);
    return holding;
  }

  /** Takes committed ranges in, which no run overlaps. */
  add(lcuNo: number, epoch: Uint8Array, ranges: readonly HeldRange[]): void {
    if (ranges.length === 0) return;
    const epochs = this.#epochs(lcuNo);
    const name = toHex(epoch);
    const known = epochs.get(name);
    if (!known) return;
    this.#keep(
      epochs,
      name,
      ranges.reduce((holding, range) => holding.with(range), known),
    );
  }

  /** Forgets an LCU; its holdings are read again when it comes back. */
  forget(lcuNo: number): void {
    this.#byLcu.delete(lcuNo);
  }

  #epochs(lcuNo: number): Map<string, EpochHolding> {
    let epochs = this.#byLcu.get(lcuNo);
    if (!epochs) this.#byLcu.set(lcuNo, (epochs = new Map<string, EpochHolding>()));
    return epochs;
  }

  #keep(epochs: Map<string, EpochHolding>, name: string, holding: EpochHolding): void {
    epochs.delete(name);
    epochs.set(name, holding);
    if (epochs.size <= EPOCHS_PER_LCU) return;
    const oldest = epochs.keys().next();
    if (!oldest.done) epochs.delete(oldest.value);
  }
}
