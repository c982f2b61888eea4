import { LIMITS, sameBytes, WANT } from '@farola/shared';
import type { Want } from '@farola/shared';
import type { EpochState, StoredEntry } from './epoch-state.js';
import type { Selection } from './journal.js';

/** Port: reads stored entries with `after < n < before`, in the asked order, as many as are taken. */
export type ReadEntries = (
  epoch: EpochState,
  after: number,
  before: number,
  order: 'ascending' | 'descending',
) => Iterable<StoredEntry>;

/** What a selection is made from. */
export interface RangeSource {
  readonly present: EpochState;
  readonly find: (epoch: Uint8Array) => EpochState | undefined;
  readonly read: ReadEntries;
  /** h(n) of a stored entry. */
  readonly headAt: (epoch: EpochState, n: number) => Uint8Array;
}

/**
 * The range that a poll wants. Newest: all entries after n when they fit in one answer, else the last that fit. Range:
 * the first that fit. What is gone is left out. An epoch that the journal does not have gives the empty range at the
 * end of the present one.
 */
export function selectRange(want: Want, source: RangeSource): Selection {
  const epoch = epochOf(want[1], source);
  if (!epoch) return emptyAt(source.present, source.present.last, source.present.head);
  const after = Math.max(want[2], epoch.floor);
  const before = want[0] === WANT.range ? Math.min(want[3], epoch.last + 1) : epoch.last + 1;
  if (want[0] === WANT.newest) {
    const taken = takeThatFit(source.read(epoch, after, before, 'descending')).reverse();
    return taken.length === 0 ? emptyAt(epoch, epoch.last, epoch.head) : rangeOf(epoch, taken, source);
  }
  const taken = before - after > 1 ? takeThatFit(source.read(epoch, after, before, 'ascending')) : [];
  if (taken.length > 0) return rangeOf(epoch, taken, source);
  const at = Math.min(after, epoch.last);
  return emptyAt(epoch, at, headAt(epoch, at, source));
}

function epochOf(epoch: Uint8Array, { present, find }: RangeSource): EpochState | undefined {
  return sameBytes(epoch, present.epoch) ? present : find(epoch);
}

function rangeOf(epoch: EpochState, taken: readonly StoredEntry[], source: RangeSource): Selection {
  const first = taken[0] as StoredEntry;
  const last = taken.at(-1) as StoredEntry;
  const prev = headAt(epoch, first.n - 1, source);
  return { epoch: epoch.epoch, from: first.n, to: last.n, prev, head: last.head, entries: taken.map(({ bytes }) => bytes) };
}

function emptyAt({ epoch }: EpochState, n: number, head: Uint8Array): Selection {
  return { epoch, from: n + 1, to: n, prev: head, head, entries: [] };
}

function headAt(epoch: EpochState, n: number, source: RangeSource): Uint8Array {
  return n === epoch.floor ? epoch.floorHead : source.headAt(epoch, n);
}

/** Heads of an array of up to 256 items (RFC 8949 section 3): at most 3 bytes. */
const ARRAY_HEAD_BYTES = 3;

function takeThatFit(entries: Iterable<StoredEntry>): StoredEntry[] {
  const taken: StoredEntry[] = [];
  let room = LIMITS.answerEntryBytes - ARRAY_HEAD_BYTES;
  for (const entry of entries) {
    room -= encodedBytes(entry.bytes.length);
    if (room < 0) break;
    taken.push(entry);
    if (taken.length === LIMITS.answerEntries) break;
  }
  return taken;
}

/** Length of a byte string with its CBOR head; entries are shorter than 64 KiB. */
function encodedBytes(length: number): number {
  if (length < 24) return length + 1;
  return length + (length < 0x100 ? 2 : 3);
}
