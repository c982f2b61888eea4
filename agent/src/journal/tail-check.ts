import { chainNext, FarolaError, sameBytes } from '@farola/shared';
import type { EpochState, StoredEntry } from './epoch-state.js';

/** Entries at the end of the newest epoch whose hashes are computed again when the journal is opened. */
export const TAIL_ENTRIES = 64;

/**
 * Whether the last entries follow one another without a hole and hash to their heads.
 * @param before h of the entry before the first of them
 * @throws FarolaError `journal-corrupt`
 */
export function checkTail(path: string, epoch: EpochState, before: Uint8Array, tail: readonly StoredEntry[]): void {
  const corrupt = (reason: string): FarolaError => new FarolaError('journal-corrupt', { path, reason });
  let head = before;
  let n = epoch.last - tail.length;
  for (const entry of tail) {
    n++;
    if (entry.n !== n) throw corrupt(`entry ${n} is missing`);
    head = chainNext(head, entry.bytes);
    if (!sameBytes(head, entry.head)) throw corrupt(`entry ${n} does not hash to its head`);
  }
  if (!sameBytes(head, epoch.head)) throw corrupt(`entry ${n} is not the last`);
}
