import { LIMITS, sameBytes, WANT } from '@farola/shared';
import type { Want } from '@farola/shared';
import type { DamagedSpan, EpochState, StoredEntry } from './epoch-state.js';
import { type ChainEvidence, follows, provenHead, storedHead } from './examine-damage.js';
import type { Selection } from './journal.js';

/** Port: reads stored entries with `after < n < before`, in the asked order, up to the first that is missing. */
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
  readonly evidence: (epoch: EpochState) => ChainEvidence;
}

/** A place where the journal must be mended before a range can be given. */
export interface Unsound {
  readonly epoch: EpochState;
  /** An entry that cannot be proven, in no known span. */
  readonly unsoundAt: number;
}

/**
 * The range that a poll wants. Newest: all entries after n when they fit in one answer, else the last that fit. Range:
 * the first that fit. What is gone or damaged is left out, and a range ends beside it. An epoch that the journal does
 * not have gives the empty range at the end of the present one.
 */
export function selectRange(want: Want, source: RangeSource): Selection | Unsound {
  const epoch = epochOf(want[1], source);
  if (!epoch) return emptyAt(source.present, source.present.last, source.present.head);
  const evidence = source.evidence(epoch);
  const order = want[0] === WANT.newest ? 'descending' : 'ascending';
  const end = epoch.last + 1;
  const start = Math.max(want[2], epoch.floor);
  const [after, before] = beside(evidence.spans, start, want[0] === WANT.range ? Math.min(want[3], end) : end, order);
  if (before - after <= 1) return emptyBeside(Math.min(order === 'descending' ? epoch.last : start, epoch.last), evidence);
  const taken = takeThatFit(source.read(epoch, after, before, order));
  const sound = soundPart(order === 'descending' ? taken.reverse() : taken, evidence, order);
  if (sound.length > 0) return rangeOf(sound, evidence);
  return { epoch, unsoundAt: order === 'descending' ? before - 1 : after + 1 };
}

function epochOf(epoch: Uint8Array, { present, find }: RangeSource): EpochState | undefined {
  return sameBytes(epoch, present.epoch) ? present : find(epoch);
}

/** The first, or last, part of `after < n < before` that meets no damaged span; empty when there is none. */
function beside(
  spans: readonly DamagedSpan[],
  after: number,
  before: number,
  order: 'ascending' | 'descending',
): readonly [after: number, before: number] {
  const met = spans.filter(({ from, to }) => to > after && from < before);
  const afters = [after, ...met.map(({ to }) => to)];
  const befores = [...met.map(({ from }) => from), before];
  const parts = afters.map((start, i) => [start, befores[i] ?? before] as const).filter(([start, end]) => end - start > 1);
  return (order === 'ascending' ? parts[0] : parts.at(-1)) ?? [after, after];
}

/** The entries at the beginning, or at the end, that prove one another. */
function soundPart(entries: readonly StoredEntry[], evidence: ChainEvidence, order: 'ascending' | 'descending'): StoredEntry[] {
  const linked = entries.map((entry, i) => follows(i > 0 ? entries[i - 1]?.head : storedHead(evidence, entry.n - 1), entry));
  if (order === 'descending') return entries.slice(linked.lastIndexOf(false) + 1);
  const broken = linked.indexOf(false);
  return entries.slice(0, broken === -1 ? entries.length : broken);
}

function rangeOf(taken: readonly StoredEntry[], evidence: ChainEvidence): Selection {
  const first = taken[0] as StoredEntry;
  const last = taken.at(-1) as StoredEntry;
  const prev = storedHead(evidence, first.n - 1) as Uint8Array;
  const { epoch } = evidence.epoch;
  return { epoch, from: first.n, to: last.n, prev, head: last.head, entries: taken.map(({ bytes }) => bytes) };
}

/** The empty range after entry n, or before the damaged span that it lies in. */
function emptyBeside(n: number, evidence: ChainEvidence): Selection | Unsound {
  const { epoch, spans } = evidence;
  const span = spans.find(({ from, to }) => from <= n && n < to);
  if (span) return emptyAt(epoch, span.from - 1, span.prev);
  const head = provenHead(evidence, n);
  return head ? emptyAt(epoch, n, head) : { epoch, unsoundAt: n };
}

function emptyAt({ epoch }: EpochState, n: number, head: Uint8Array): Selection {
  return { epoch, from: n + 1, to: n, prev: head, head, entries: [] };
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
