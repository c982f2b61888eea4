import { cutItems, FarolaError } from '@farola/shared';
import type { LedgerRow } from './ledger/ledger.js';

/**
 * The entries of a row of the ledger, from its `first` on. They were verified before they were stored: that they cannot be read
 * now is a fault of the disk. Error: `ledger-corrupt`.
 */
export function entriesOf({ key, entries }: Pick<LedgerRow, 'key' | 'entries'>): readonly Uint8Array[] {
  try {
    return cutItems(entries).items;
  } catch (cause) {
    throw new FarolaError('ledger-corrupt', { path: 'ledger', reason: `entries of row ${key} cannot be read` }, { cause });
  }
}
