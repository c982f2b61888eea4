import {
  type Answer,
  CLOCK_TOLERANCE_MS,
  decodeEntry,
  type Entry,
  ENTRY_KINDS,
  EntryPeek,
  type Instant,
  sameBytes,
} from '@farola/shared';
import type { EpochStart, EventFact, LatestSample, NewAnchor, PlatformFact, TableFact } from './derived-state.js';
import { type Counting, epochCounts } from './counting.js';
import { isFirstBranch } from '../branch-id.js';
import { isLive, mayBeNewest } from './freshness.js';
import { platformFact } from './platform-fact.js';

/** An answer that the ledger holds. */
export interface StoredAnswer {
  readonly lcuNo: number;
  /** Wall time of receipt, ms. */
  readonly receivedAtMs: number;
  /** The id of the chain that its entries are of (branch-id.ts). */
  readonly epoch: Uint8Array;
  readonly answer: Pick<Answer, 'boot' | 'now' | 'openEpochs'>;
  /** Number of the first of `entries`. */
  readonly first: number;
  readonly entries: readonly Uint8Array[];
  /** The entries that this answer brought and no other did: only these count. */
  readonly adds: readonly { readonly from: number; readonly to: number }[];
  /** Begin of the epoch, when it is known from elsewhere than these entries. */
  readonly start: { readonly boot: Uint8Array; readonly atMs: number | undefined } | undefined;
  /** How the LCU stood at the receipt. */
  readonly standing: Counting;
}

/** A panel has 1 to 8 analysers; an index beyond this is stored and proven, and never shown as latest. */
const HIGHEST_INDEX = 255;
/** Table entries that are derived from one answer, the newest; the start entry is always. */
const TABLES_OF_ANSWER = 8;

/** Events that are derived from one answer. */
const EVENTS_OF_ANSWER = 64;

/** What a stored answer changes. */
export interface AnswerChange {
  readonly latest: readonly LatestSample[];
  readonly tables: readonly TableFact[];
  readonly events: readonly EventFact[];
  readonly anchors: readonly NewAnchor[];
  /** The newest; one at the most. */
  readonly platforms: readonly PlatformFact[];
  readonly entriesStored: number;
}

/**
 * What the new entries of an answer change in the derived state: of each analyser the newest live sample, every start
 * and table entry, every event, what dates the entries of a boot, and what the LCU runs on. Of a branch of an epoch only
 * its tables and events, under its own id: nothing of it counts. What an LCU runs on is taken from what counts alone. Pure. Samples are peeked at, never decoded.
 */
export function deriveFromAnswer(stored: StoredAnswer): AnswerChange {
  const latest: LatestSample[] = [];
  const tables: TableFact[] = [];
  const events: EventFact[] = [];
  const anchors: NewAnchor[] = [];
  let platform: PlatformFact | undefined;
  const start = startedIn(stored) ?? stored.start;
  const sameBoot = start !== undefined && sameBytes(start.boot, stored.answer.boot);
  const isFirst = isFirstBranch(stored.epoch);
  const isTrusted = isFirst && epochCounts(stored.standing, start?.atMs);
  const counts = sameBoot && isTrusted;
  let entriesStored = 0;
  for (const { from, to } of stored.adds.toReversed()) {
    entriesStored += to - from + 1;
    for (let n = to; n >= from; n--) {
      const entry = entryOf(stored, n);
      peek.at(entry);
      if (peek.kind === ENTRY_KINDS.sample) {
        if (counts && isNewestOf(peek.analyser, latest)) keepIfNewest(latest, stored, n, entry, peek);
      } else if (
        n === 1 ? peek.kind === ENTRY_KINDS.start : peek.kind === ENTRY_KINDS.table && tables.length < TABLES_OF_ANSWER
      ) {
        const decoded = decodeEntry(entry);
        const fact = tableFact(stored, n, entry, decoded, sameBoot);
        if (fact) tables.unshift(fact);
        if (fact && n === 1 && sameBoot && isFirst) anchors.push(contactAnchor(stored));
        if (isTrusted) platform ??= platformFact({ ...stored, n }, decoded);
      } else if (peek.kind === ENTRY_KINDS.event && events.length < EVENTS_OF_ANSWER) {
        const decoded = decodeEntry(entry);
        events.unshift(eventFact(stored, n, entry, decoded, sameBoot));
        if (isTrusted) platform ??= platformFact({ ...stored, n }, decoded);
      } else if (peek.kind === ENTRY_KINDS.clock && start && isFirst) {
        const anchor = clockAnchor(stored, entry, start.boot);
        if (anchor) anchors.push(anchor);
      }
    }
  }
  return { latest, tables, events, anchors: anchors.reverse(), platforms: platform ? [platform] : NO_PLATFORM, entriesStored };
}

const NO_PLATFORM: readonly PlatformFact[] = [];

/** Kept for all: one look at each entry of each answer. */
const peek = new EntryPeek();

/** Whether this analyser can be shown, and no newer sample of it was found. */
function isNewestOf(analyser: number, latest: readonly LatestSample[]): boolean {
  if (analyser > HIGHEST_INDEX) return false;
  for (const newer of latest) if (newer.analyser === analyser) return false;
  return true;
}

/** The begin of the epoch, where its start entry is among the entries. */
function startedIn(stored: StoredAnswer): EpochStart | undefined {
  const { first, entries, answer } = stored;
  const bytes = first === 1 ? entries[0] : undefined;
  const entry = bytes && decodeEntry(bytes);
  if (entry?.kind !== 'start') return undefined;
  const { boot, previous, at } = entry;
  return { boot, previous, atMs: dated(stored, at, sameBytes(boot, answer.boot)) };
}

function entryOf({ first, entries }: StoredAnswer, n: number): Uint8Array {
  const entry = entries[n - first];
  if (!entry) throw new RangeError(`entry ${n} is not among those from ${first}`);
  return entry;
}

function keepIfNewest(
  latest: LatestSample[],
  { lcuNo, receivedAtMs, epoch, answer }: StoredAnswer,
  n: number,
  entry: Uint8Array,
  { monoMs, analyser }: EntryPeek,
): void {
  const ageMs = answer.now[0] - monoMs;
  if (mayBeNewest(ageMs)) latest.push({ lcuNo, epoch, n, analyser, entry, receivedAtMs, ageMs });
}

function tableFact(stored: StoredAnswer, n: number, bytes: Uint8Array, entry: Entry, sameBoot: boolean): TableFact | undefined {
  const { lcuNo, epoch } = stored;
  if (entry.kind !== 'start' && entry.kind !== 'table') return undefined;
  const previous = entry.kind === 'start' && entry.previous ? { epoch: entry.previous.epoch, n: entry.previous.n } : null;
  return { lcuNo, epoch, n, entry: bytes, atMs: dated(stored, entry.at, sameBoot), previous };
}

/**
 * In the boot of the answer its signed monotonic clock dates the entry against the collector's clock; else the LCU's
 * wall clock does, if it was ever set, but never later than the receipt.
 */
function dated({ receivedAtMs, answer }: StoredAnswer, { monoMs, wallMs, quality }: Instant, sameBoot: boolean): number {
  if (sameBoot) return Math.max(0, receivedAtMs - Math.max(0, answer.now[0] - monoMs));
  return quality === 'none' ? receivedAtMs : Math.min(wallMs, receivedAtMs);
}

function eventFact(stored: StoredAnswer, n: number, entry: Uint8Array, decoded: Entry, sameBoot: boolean): EventFact {
  const { lcuNo, epoch, answer, receivedAtMs } = stored;
  const atMs = decoded.kind === 'unknown' ? receivedAtMs : dated(stored, decoded.at, sameBoot);
  const late = !sameBoot || decoded.kind === 'unknown' || !isLive(answer.now[0] - decoded.at.monoMs);
  return { lcuNo, epoch, n, entry, atMs, receivedAtMs, late };
}

/** The answer's signed monotonic clock against ours. */
function contactAnchor({ lcuNo, answer, receivedAtMs }: StoredAnswer): NewAnchor {
  return { lcuNo, boot: answer.boot, source: 'contact', monoMs: answer.now[0], wallMs: receivedAtMs };
}

/** The LCU's clock when it was set; a time that is still to come dates nothing. */
function clockAnchor({ lcuNo, receivedAtMs }: StoredAnswer, bytes: Uint8Array, boot: Uint8Array): NewAnchor | undefined {
  const entry = decodeEntry(bytes);
  if (entry.kind !== 'clock' || !isSet(entry.at.quality) || entry.at.wallMs > receivedAtMs + CLOCK_TOLERANCE_MS) return undefined;
  return { lcuNo, boot, source: 'clock', monoMs: entry.at.monoMs, wallMs: entry.at.wallMs };
}

function isSet(quality: Instant['quality']): boolean {
  return quality === 'synchronised' || quality === 'rtc';
}
