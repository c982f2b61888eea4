import type { CollectorRig } from './collector-rig.js';
import { cutItems, toHex } from '@farola/shared';

/** What the collector of a rig owns of an LCU, by `epoch/n`; throws when an entry is owned twice. */
export function storedEntries({ ledger }: CollectorRig, lcuNo: number): Map<string, string> {
  const entries = new Map<string, string>();
  for (const row of ledger.rows(lcuNo, 0, Number.MAX_SAFE_INTEGER / 10)) {
    const { items } = cutItems(row.entries);
    for (const { epoch, from, to } of ledger.ownedBy(row.key)) {
      for (let n = from; n <= to; n++) {
        const id = `${toHex(epoch)}/${n}`;
        if (entries.has(id)) throw new Error(`${id} is owned twice`);
        entries.set(id, toHex(items[n - row.first] as Uint8Array));
      }
    }
  }
  return entries;
}
