import { type Answer, decodeEntry, ENTRY_KINDS, type Peek, peekEntry, sameBytes } from '@farola/shared';
import type { LatestSample, TableFact } from './fleet.js';
import { isLive } from './freshness.js';

/** An answer that the ledger holds. */
export interface StoredAnswer {
  readonly lcuNo: number;
  /** Wall time of receipt, ms. */
  readonly receivedAtMs: number;
  readonly answer: Pick<Answer, 'epoch' | 'boot' | 'now'>;
  /** Number of the first of `entries`. */
  readonly first: number;
  readonly entries: readonly Uint8Array[];
  /** The entries that this answer brought and no other did: only these count. */
  readonly adds: readonly { readonly from: number; readonly to: number }[];
  /** Boot in which the epoch ran, when it is known from elsewhere than these entries. */
  readonly bootOfEpoch: Uint8Array | undefined;
}

/** A panel has 1 to 8 analysers; an index beyond this is stored and proven, and never shown as latest. */
const HIGHEST_INDEX = 255;
/** Start and table entries that are derived from one answer. */
const TABLES_OF_ANSWER = 8;

/** What a stored answer changes. */
export interface AnswerChange {
  readonly latest: readonly LatestSample[];
  readonly tables: readonly TableFact[];
  readonly entriesStored: number;
}

/**
 * What the new entries of an answer change in the derived state: of each analyser the newest live sample, and every
 * start and table entry. Pure. Samples are peeked at, never decoded.
 */
export function deriveFromAnswer(stored: StoredAnswer): AnswerChange {
  const latest = new Map<number, LatestSample>();
  const tables: TableFact[] = [];
  const boot = startedIn(stored) ?? stored.bootOfEpoch;
  const sameBoot = boot !== undefined && sameBytes(boot, stored.answer.boot);
  let entriesStored = 0;
  for (const { from, to } of stored.adds.toReversed()) {
    entriesStored += to - from + 1;
    for (let n = to; n >= from; n--) {
      const entry = entryOf(stored, n);
      const peek = peekEntry(entry);
      if (peek.kind === ENTRY_KINDS.sample) {
        if (sameBoot && peek.analyser <= HIGHEST_INDEX && !latest.has(peek.analyser)) keepIfLive(latest, stored, n, entry, peek);
      } else if (peek.kind === (n === 1 ? ENTRY_KINDS.start : ENTRY_KINDS.table) && tables.length < TABLES_OF_ANSWER) {
        const fact = tableFact(stored, n, entry, sameBoot);
        if (fact) tables.unshift(fact);
      }
    }
  }
  return { latest: [...latest.values()], tables, entriesStored };
}

/** Whether the sample takes the place of the other, of the same LCU and analyser: in one epoch by number, else by age. */
export function isNewer(sample: LatestSample, than: LatestSample): boolean {
  if (sameBytes(sample.epoch, than.epoch)) return sample.n > than.n;
  return sample.receivedAtMs - sample.ageMs > than.receivedAtMs - than.ageMs;
}

/** The boot that the epoch's start entry names, where it is among the entries. */
function startedIn({ first, entries }: StoredAnswer): Uint8Array | undefined {
  const start = first === 1 ? entries[0] : undefined;
  const entry = start && decodeEntry(start);
  return entry?.kind === 'start' ? entry.boot : undefined;
}

function entryOf({ first, entries }: StoredAnswer, n: number): Uint8Array {
  const entry = entries[n - first];
  if (!entry) throw new RangeError(`entry ${n} is not among those from ${first}`);
  return entry;
}

function keepIfLive(
  latest: Map<number, LatestSample>,
  { lcuNo, receivedAtMs, answer }: StoredAnswer,
  n: number,
  entry: Uint8Array,
  { monoMs, analyser }: Peek,
): void {
  const ageMs = answer.now[0] - monoMs;
  if (isLive(ageMs)) latest.set(analyser, { lcuNo, epoch: answer.epoch, n, analyser, entry, receivedAtMs, ageMs });
}

/**
 * In the boot of the answer its signed monotonic clock dates the entry against the collector's clock; else the LCU's
 * wall clock does, if it was ever set, but never later than the receipt.
 */
function tableFact(stored: StoredAnswer, n: number, bytes: Uint8Array, sameBoot: boolean): TableFact | undefined {
  const { lcuNo, receivedAtMs, answer } = stored;
  const entry = decodeEntry(bytes);
  if (entry.kind !== 'start' && entry.kind !== 'table') return undefined;
  const { monoMs, wallMs, quality } = entry.at;
  const byMono = Math.max(0, receivedAtMs - Math.max(0, answer.now[0] - monoMs));
  const byWall = quality === 'none' ? receivedAtMs : Math.min(wallMs, receivedAtMs);
  return { lcuNo, epoch: answer.epoch, n, entry: bytes, atMs: sameBoot ? byMono : byWall };
}
