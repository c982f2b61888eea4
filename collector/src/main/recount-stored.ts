import { ledgerKeyParts } from '../ledger/ledger-key.js';
import type { EntryOwners, LedgerKeys } from '../ledger/ledger.js';
import type { DerivedChanges, LatestReader } from '../fleet/derived-state.js';
import type { FleetReader } from '../fleet/fleet.js';

/** What a recount needs. */
export interface RecountDeps {
  readonly ledger: LedgerKeys & Pick<EntryOwners, 'ownedBy'>;
  readonly derived: Pick<DerivedChanges, 'apply'> & Pick<LatestReader, 'contact'>;
  readonly fleet: Pick<FleetReader, 'list'>;
}

/** Whether the ledger ends before what is taken in of it: rows were lost, or not restored, and LCUs may deliver them again. */
export function lostRows(ledger: LedgerKeys, derived: Pick<DerivedChanges, 'appliedKey'>): boolean {
  return ledgerKeyParts(ledger.keySpan().last).slot < ledgerKeyParts(derived.appliedKey()).slot;
}

/**
 * Counts the stored entries of each LCU anew from the ledger, so that what is delivered again is not counted twice. Reads no bytes of
 * answers. Gives how many LCUs had another count. Errors: those of both ports.
 */
export function recountStored({ ledger, derived, fleet }: RecountDeps): number {
  const counts = new Map<number, number>();
  for (const key of ledger.keysFrom(0)) {
    const { lcuNo } = ledgerKeyParts(key);
    const owned = ledger.ownedBy(key).reduce((sum, { from, to }) => sum + to - from + 1, 0);
    counts.set(lcuNo, (counts.get(lcuNo) ?? 0) + owned);
  }
  const contacts = fleet.list().flatMap(({ lcuNo }) => {
    const contact = derived.contact(lcuNo);
    const entriesStored = counts.get(lcuNo) ?? 0;
    return !contact || contact.entriesStored === entriesStored ? [] : [{ ...contact, entriesStored }];
  });
  derived.apply({ contacts, latest: [], tables: [], events: [], anchors: [], platforms: [], upToKey: null });
  return contacts.length;
}
