import type { EpochHolding } from './epoch-holding.js';
import type { LedgerRow } from './ledger.js';

/** Entries that a row is said to own, in the row's own epoch. */
export interface OwnedSpan {
  readonly from: number;
  readonly to: number;
}

/** A row as the range tables name it, which lie elsewhere in the file. */
export interface NamedRow extends OwnedSpan {
  readonly key: number;
  /** The id of the chain (branch-id.ts); undefined when the file does not name it. */
  readonly epoch: Uint8Array | undefined;
}

/** A gap as a file keeps it. */
export interface StoredGap extends OwnedSpan {
  readonly lcuNo: number;
  readonly epoch: Uint8Array;
  readonly prev: Uint8Array;
  readonly head: Uint8Array;
  readonly reason: number;
  /** The row whose answer told it. */
  readonly key: number;
}

/** What a file says of a stretch of an epoch. */
export interface StoredPiece extends OwnedSpan {
  readonly of: 'range' | 'gap' | 'carried' | 'shared';
  /** The row that brought it, or showed that it is shared; null for what older files held. */
  readonly key: number | null;
  /** Of what is shared, the number of the chain that has the bytes (branch-id.ts); else null. */
  readonly source: number | null;
  /** h(from - 1) and h(to) as the table has them; null of a range, whose row tells them. */
  readonly prev: Uint8Array | null;
  readonly head: Uint8Array | null;
  /** Whether that row is there and, for a range, reaches to where it begins. */
  readonly hasRow: boolean;
}

/** A chain that a file names: an epoch, or a branch of it. */
export interface StoredEpoch {
  readonly epochNo: number;
  readonly lcuNo: number;
  /** The id of the chain (branch-id.ts). */
  readonly epoch: Uint8Array;
}

/** h(n) of a chain as a gap record or an older file told it. */
export interface StoredHead {
  readonly n: number;
  readonly head: Uint8Array;
}

/** A judgement as bytes, for a digest, and of which LCU it says that it is. */
export interface JudgementBytes {
  readonly no: number;
  readonly lcuNo: number;
  /** The row that it is about; null for none. */
  readonly key: number | null;
  readonly bytes: Uint8Array;
}

/**
 * Port: one file of the ledger, read in pieces as it stands, so that it can be held against itself. While it is read
 * another process may write. Every method may throw `disk-failure` and `ledger-corrupt`.
 */
export interface LedgerMonth {
  /** `YYYY-MM`. */
  readonly month: string;
  readonly path: string;
  /** Lowest and highest key; undefined in an empty file. */
  keySpan(): { readonly first: number; readonly last: number } | undefined;
  /** Rows with keys above `after` and up to `upTo`, in the order in which the file has them. */
  rows(after: number, upTo: number, limit: number): readonly LedgerRow[];
  /** Rows that range tables name, with keys above `after` and up to `upTo`, ascending. */
  named(after: number, upTo: number, limit: number): readonly NamedRow[];
  /** What the range table says that a row owns, ascending. */
  owned(row: LedgerRow): readonly OwnedSpan[];
  /** The gaps that a row told. */
  gaps(key: number): readonly StoredGap[];
  /** Epochs with numbers above `after`, ascending. */
  epochs(after: number, limit: number): readonly StoredEpoch[];
  /** Of a chain, the chains of its epoch that the file names, the first first. */
  chains(lcuNo: number, id: Uint8Array): readonly StoredEpoch[];
  /** Everything that the file says of one epoch, ascending. */
  pieces(epochNo: number): readonly StoredPiece[];
  /** The heads that are told of an epoch, ascending; undefined in a file of before there was a table for them. */
  told(epochNo: number): readonly StoredHead[] | undefined;
  /** What older files held of it when it was first written here, as one holding. */
  carried(epochNo: number): EpochHolding;
  /** The row of this key. */
  row(key: number): LedgerRow | undefined;
  /** Ranges, gaps and heads of epochs that the file does not name. */
  strayPieces(): number;
  /** Indexes that have not as many rows as their table. */
  unlikeIndexes(): readonly string[];
  /** Judgements with numbers above `after`, ascending. */
  judgements(after: number, limit: number): readonly JudgementBytes[];
}

/** Port: the files of the ledger. */
export interface LedgerMonths {
  /** The months of which there is a file, oldest first. */
  list(): readonly string[];
  /** Opens one. Errors: `disk-failure`, `ledger-corrupt`, `store-newer`. */
  open(month: string): LedgerMonth;
  /** What the files before a month hold of a chain. Errors: `disk-failure`, `ledger-corrupt`. */
  heldBefore(month: string, lcuNo: number, id: Uint8Array): EpochHolding;
  /** h(n) by the entries that are stored with a chain itself, in any file. Errors: `disk-failure`, `ledger-corrupt`. */
  headAt(lcuNo: number, id: Uint8Array, n: number): Uint8Array | undefined;
  close(): void;
}
