import type { ErrorCode, Facts, GapRecord } from '@farola/shared';
import type { Decision } from '../fleet/fleet.js';
import type { EpochHolding } from './epoch-holding.js';
import type { HeldRange } from './held-range.js';
import type { Span } from './spans.js';

/** A verified answer on its way into the ledger. */
export interface NewAnswer {
  /** Number of the LCU in this collector, 0 to 2^20 - 1. */
  readonly lcuNo: number;
  /** Wall time of receipt, ms since 1970 UTC. */
  readonly receivedAtMs: number;
  /** The signed poll and the signed answer, each a COSE_Sign1. */
  readonly poll: Uint8Array;
  readonly answer: Uint8Array;
  /** The id of the chain that it goes to (branch-id.ts): the epoch that is signed, or that of a branch of it. */
  readonly epoch: Uint8Array;
  /** First entry that is kept with this row: the answer's `from`, or later where the beginning is stored already. */
  readonly first: number;
  /** h(first - 1). */
  readonly base: Uint8Array;
  /** The entries from `first` to the answer's `to`, a CBOR array of byte strings. */
  readonly entries: Uint8Array;
  /** The ranges that this row adds, ascending; none when the answer brought nothing new. */
  readonly adds: readonly HeldRange[];
  /** What branches are now known to share with other chains of their epoch, which have the bytes. */
  readonly shares: readonly SharedRange[];
  /** Gap records, cut to what nothing was held of; with the id of the chain in place of the epoch. */
  readonly gaps: readonly GapRecord[];
  /** Heads that gap records tell of entries between others that are held. */
  readonly told: readonly ToldHead[];
}

/** A stretch of a branch that is stored with another chain of its epoch. */
export interface SharedRange extends HeldRange {
  /** Of the branch. */
  readonly id: Uint8Array;
  /** Of the chain that has the bytes. */
  readonly source: Uint8Array;
}

/** A stretch of a branch, and the chain that has its bytes. */
export interface SharedSpan extends Span {
  /** The id of that chain. */
  readonly source: Uint8Array;
}

/** h(n) of a chain as a gap record tells it, without the bytes that prove it. */
export interface ToldHead {
  /** The id of the chain. */
  readonly epoch: Uint8Array;
  readonly n: number;
  readonly head: Uint8Array;
}

/** What the runs of an epoch do not tell of a stretch of it. */
export interface HeldDetail {
  /** Heads that gap records told there, ascending; of too many the highest. */
  readonly told: readonly { readonly n: number; readonly head: Uint8Array }[];
  /** Entries that only gap records cover, ascending. */
  readonly byteless: readonly Span[];
  /** Entries of a branch that are stored with another chain, in any order; spans may reach beyond what was asked. */
  readonly shared: readonly Span[];
}

/** One row as stored. `key` orders rows by five minutes of receipt, LCU and ordinal (ledger-key.ts). */
export interface LedgerRow {
  readonly key: number;
  readonly lcuNo: number;
  readonly receivedAtMs: number;
  readonly poll: Uint8Array;
  readonly answer: Uint8Array;
  /** The id of the chain that it is of. */
  readonly epoch: Uint8Array;
  readonly first: number;
  readonly base: Uint8Array;
  readonly entries: Uint8Array;
}

/** Entries that a row is the owner of: what counts, once. */
export interface OwnedRange {
  /** The id of the chain. */
  readonly epoch: Uint8Array;
  readonly from: number;
  readonly to: number;
}

/** What was found about an LCU, beside the answers that are good: for one, an answer that proves a fork. */
export interface Judgement {
  readonly lcuNo: number;
  readonly judgedAtMs: number;
  /** What was found, or what was decided then. */
  readonly code: ErrorCode | Decision;
  readonly facts: Facts;
  /** The ledger row it is about; null when it is about none. */
  readonly key: number | null;
  /** What was judged, as received: signed poll, signed answer and its entries; null when nothing is kept. */
  readonly kept: Pick<NewAnswer, 'poll' | 'answer' | 'entries'> | null;
}

/** Port: appends what LCUs signed. One process writes; others may read at the same time. Errors: `disk-failure`, `ledger-corrupt`. */
export interface LedgerAppender {
  /**
   * Stores the answers durably, all or none, and gives each its key. When it returns, a power cut cannot take them back.
   * `ledger-slot-full` when an LCU has used the ordinals of these five minutes; RangeError when a range that is added
   * overlaps entries that are stored with their bytes, or a gap overlaps anything, which the caller has to have judged.
   */
  append(answers: readonly NewAnswer[]): readonly number[];
}

/** Port: keeps what was found and decided. As `LedgerAppender`. */
export interface JudgementWriter {
  /** Stores a judgement durably. */
  judge(judgement: Judgement): void;
}

/**
 * Port: what is stored of an epoch, as whoever appends judges by it. Chains of entries are asked by their ids (branch-id.ts):
 * the first of an epoch by the epoch itself. Errors: `disk-failure`, `ledger-corrupt`.
 */
export interface HoldingReader {
  /** How many chains of an epoch are stored: 1 of one that is not forked, or not known. */
  branches(lcuNo: number, epoch: Uint8Array): number;
  /** What is stored of a chain and what it shares, across all files, read anew at each call; empty when nothing is. */
  holding(lcuNo: number, id: Uint8Array): EpochHolding;
  /** The ids of all chains of an LCU of which something is stored, each once, in any order. */
  epochsOf(lcuNo: number): readonly Uint8Array[];
  /** h(n) of a chain, computed from the stored entries, or as a gap record told it; undefined when neither is stored. */
  headAt(lcuNo: number, id: Uint8Array, n: number): Uint8Array | undefined;
  /** What lies inside the runs of a chain, of the entries from..to and their heads. */
  detail(lcuNo: number, id: Uint8Array, from: number, to: number): HeldDetail;
}

/** The append-only store of what LCUs signed, open for the one process that writes it. */
export interface Ledger extends LedgerAppender, JudgementWriter, HoldingReader {
  /** Puts in order what was appended, when there is enough of it; call it each second. Until then questions take longer. */
  settle(): void;
  close(): void;
}

/** Port: rows of the ledger, also while another process writes. Errors: `disk-failure`, `ledger-corrupt`. */
export interface LedgerRows {
  /** Rows of one LCU that were received in the span, both ends included, in order of their keys. */
  rows(lcuNo: number, fromMs: number, toMs: number): Iterable<LedgerRow>;
  /** Rows of every LCU from this key on, in order of their keys within each file. */
  rowsFrom(key: number): Iterable<LedgerRow>;
  /** The row with this key; undefined when there is none. */
  row(key: number): LedgerRow | undefined;
  /** The newest file's row of each LCU number that the ledger knows, whichever; by it the fleet can be held against it. */
  oneOfEach(): Iterable<LedgerRow>;
}

/** An answer as it was signed. */
export type SignedAnswer = Pick<LedgerRow, 'receivedAtMs' | 'answer'>;

/** Port: what LCUs answered last. As `LedgerRows`. */
export interface NewestAnswers {
  /**
   * Of the answers of an LCU that were received in the five minutes of this wall time, or those before, the newest; undefined when
   * there is none. Two lookups by key in a file, whatever it holds.
   */
  newestAnswer(lcuNo: number, aboutMs: number): SignedAnswer | undefined;
}

/** Port: keys of rows. As `LedgerRows`. */
export interface LedgerKeys {
  /** Keys of every LCU from this one on, in their order within each file; cheaper than the rows. */
  keysFrom(key: number): Iterable<number>;
  /** Lowest and highest key of all rows; 0 and 0 when there is none. */
  keySpan(): { readonly first: number; readonly last: number };
}

/** Port: which row an entry counts in. As `LedgerRows`. */
export interface EntryOwners {
  /** The row that owns entry n of a chain, of a branch also where it shares that; undefined when there is none. */
  rowOf(lcuNo: number, id: Uint8Array, n: number): LedgerRow | undefined;
  /** The entries that a branch shares with other chains of its epoch, in any order; none of a first chain. */
  sharedOf(lcuNo: number, id: Uint8Array): readonly SharedSpan[];
  /** The ranges that a row owns. */
  ownedBy(key: number): readonly OwnedRange[];
}

/** Port: what was found and decided. As `LedgerRows`. */
export interface JudgementReader {
  /** What was judged of an LCU, oldest first. */
  judgements(lcuNo: number): readonly Judgement[];
}

/** The ledger, open for reading. */
export interface LedgerReader extends LedgerRows, NewestAnswers, LedgerKeys, EntryOwners, JudgementReader {
  close(): void;
}
