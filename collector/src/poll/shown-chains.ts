import { sameBytes, toHex } from '@farola/shared';
import { BRANCH_LIMIT } from '../branch-id.js';
import type { UnitChains } from '../ledger/place-range.js';
import { REMEMBERED } from './recent-epochs.js';

interface Shown {
  ids: readonly Uint8Array[] | undefined;
  /** In this round, how often it was asked which chain is its own. */
  asked: number;
  /** In this round, how often what it showed was counted as new. */
  counted: number;
}

/**
 * What the unit behind a connection has shown of forked epochs, the last that it was asked for or spoke of. Histories that were
 * mixed before the fork was seen can make it show one chain and then another without end: so little of that counts in a round.
 */
export class ShownChains {
  /** By epoch in hexadecimal. There is none for most. */
  #epochs: Map<string, Shown> | undefined;

  /** The ids of the chains of an epoch that its unit can be of; undefined while it has shown nothing of it. */
  of(epoch: Uint8Array): readonly Uint8Array[] | undefined {
    return this.#epochs?.get(toHex(epoch))?.ids;
  }

  /** A round begins. */
  begin(): void {
    for (const shown of this.#epochs?.values() ?? []) shown.asked = shown.counted = 0;
  }

  /** Takes in what a stored answer showed; whether any of it is new. Of an epoch that is said `BRANCH_LIMIT` times in a round. */
  add(units: readonly UnitChains[]): boolean {
    let isNew = false;
    for (const { epoch, ids } of units) {
      const shown = this.#at(epoch);
      const before = shown.ids;
      shown.ids = ids;
      const isSame = before?.length === ids.length && ids.every((id, i) => sameBytes(id, before[i] as Uint8Array));
      if (!isSame && shown.counted++ < BRANCH_LIMIT) isNew = true;
    }
    return isNew;
  }

  /** Whether it is asked once more in this round which chain of an epoch is its own: each answer rules one out, or none will. */
  mayAsk(epoch: Uint8Array): boolean {
    return this.#at(epoch).asked++ < BRANCH_LIMIT;
  }

  #at(epoch: Uint8Array): Shown {
    const epochs = (this.#epochs ??= new Map<string, Shown>());
    const name = toHex(epoch);
    const shown = epochs.get(name) ?? { ids: undefined, asked: 0, counted: 0 };
    epochs.delete(name);
    epochs.set(name, shown);
    const [oldest] = epochs.keys();
    if (epochs.size > REMEMBERED && oldest !== undefined) epochs.delete(oldest);
    return shown;
  }
}
