import { sameBytes, toHex } from '@farola/shared';
import { BRANCH_LIMIT } from '../branch-id.js';
import type { UnitChains } from '../ledger/place-range.js';
import { REMEMBERED } from './recent-epochs.js';

interface Shown {
  unit: UnitChains | undefined;
  /** In this round, how often it was asked which chain is its own. */
  asked: number;
  /** In this round, how often what it showed was counted as new. */
  counted: number;
  /** What was found by `whole`, for which last entry, since a round began or it showed something. */
  whole: { readonly last: number; readonly id: Uint8Array | undefined } | undefined;
}

/**
 * What the unit behind a connection has shown of forked epochs, the last that it was asked for or spoke of. Histories that were
 * mixed before the fork was seen can make it show one chain and then another without end: so little of that counts in a round.
 */
export class ShownChains {
  /** By epoch in hexadecimal. There is none for most. */
  #epochs: Map<string, Shown> | undefined;

  /** The chains of an epoch that its unit can be of; undefined while it has shown nothing of it. */
  of(epoch: Uint8Array): UnitChains | undefined {
    return this.#epochs?.get(toHex(epoch))?.unit;
  }

  /** A round begins. */
  begin(): void {
    for (const shown of this.#epochs?.values() ?? []) {
      shown.asked = shown.counted = 0;
      shown.whole = undefined;
    }
  }

  /** Takes in what a stored answer showed; whether any of it is new. Of an epoch that is said `BRANCH_LIMIT` times in a round. */
  add(units: readonly UnitChains[]): boolean {
    let isNew = false;
    for (const unit of units) {
      const shown = this.#at(unit.epoch);
      const before = shown.unit;
      shown.unit = unit;
      shown.whole = undefined;
      const isSame = before && areSame(before.ids, unit.ids) && areSame(before.out, unit.out);
      if (!isSame && shown.counted++ < BRANCH_LIMIT) isNew = true;
    }
    return isNew;
  }

  /** Whether it is asked once more in this round which chain of an epoch is its own: each answer rules one out, or none will. */
  mayAsk(epoch: Uint8Array): boolean {
    return this.#at(epoch).asked++ < BRANCH_LIMIT;
  }

  /** The chain that has all of an epoch up to its last entry, which is looked for once in a while: it is asked often. */
  whole(epoch: Uint8Array, last: number, find: () => Uint8Array | undefined): Uint8Array | undefined {
    const shown = this.#at(epoch);
    if (shown.whole?.last !== last) shown.whole = { last, id: find() };
    return shown.whole.id;
  }

  #at(epoch: Uint8Array): Shown {
    const epochs = (this.#epochs ??= new Map<string, Shown>());
    const name = toHex(epoch);
    const shown = epochs.get(name) ?? { unit: undefined, asked: 0, counted: 0, whole: undefined };
    epochs.delete(name);
    epochs.set(name, shown);
    const [oldest] = epochs.keys();
    if (epochs.size > REMEMBERED && oldest !== undefined) epochs.delete(oldest);
    return shown;
  }
}

function areSame(some: readonly Uint8Array[], others: readonly Uint8Array[]): boolean {
  return some.length === others.length && some.every((id, i) => sameBytes(id, others[i] as Uint8Array));
}
