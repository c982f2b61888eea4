import type { Finding, FindingKind } from './finding.js';
import type { MonthSeal } from './month-seal.js';
import type { ProofRecord } from './proof-record.js';

/** A part of a night's work: rows of a file between two keys, a thirtieth of its epochs, or the seal of a closed month. */
export type ProofTask =
  | { readonly do: 'new' | 'rest'; readonly month: string; readonly after: number; readonly upTo: number }
  | { readonly do: 'tables'; readonly month: string; readonly part: number }
  | { readonly do: 'seal'; readonly month: string };

/** Where in a task the proof stands. */
export interface ProofCursor {
  /** Key of the last row, or number of the last epoch, that was done. */
  readonly after: number;
  /** Of a seal, the digest so far, hexadecimal. */
  readonly rows?: number;
  readonly digest?: string;
}

/** A night that is under way. */
export interface ProofNight {
  /** When it was due and when it began, wall time, ms. */
  readonly dueMs: number;
  readonly beganMs: number;
  readonly tasks: readonly ProofTask[];
  /** Index of the present task. */
  readonly at: number;
  readonly cursor: ProofCursor | null;
  /** Rows that were proven so far. */
  readonly rows: number;
  readonly counts: Readonly<Record<FindingKind, number>>;
}

/** What the last whole night came to. */
export interface ProofOutcome {
  readonly beganMs: number;
  readonly endedMs: number;
  readonly rows: number;
  readonly counts: Readonly<Record<FindingKind, number>>;
}

/** How far the nightly proof is. */
export interface ProofProgress {
  /** Rows up to this key were proven at least once. */
  readonly provenUpTo: number;
  readonly night: ProofNight | null;
  readonly last: ProofOutcome | null;
  /** The last time of night that was begun or passed over, wall time, ms; null before the first start. */
  readonly lastDueMs: number | null;
}

/** Before anything was proven. */
export const NOTHING_PROVEN: ProofProgress = { provenUpTo: 0, night: null, last: null, lastDueMs: null };

/** A finding and when it was made. */
export interface DatedFinding extends Finding {
  readonly foundAtMs: number;
}

/**
 * Port: what proofs of the ledger keep, beside it and apart from it. One process writes what the nightly proof keeps, any may record a proof
 * of its own, others read. Errors: `disk-failure`, `ledger-corrupt`, `permission-denied`, `store-newer`.
 */
export interface ProofBook {
  progress(): ProofProgress;
  /** Seals of closed months, in the order in which they were made: a month may have come late. */
  seals(): readonly MonthSeal[];
  /** Findings since a wall time, ms, oldest first; of the newest thousand. */
  findings(sinceMs: number): readonly DatedFinding[];
  /** Puts down where the proof stands, with what the last slice found and the seal that it made; all or none. */
  save(progress: ProofProgress, found: readonly DatedFinding[], seal?: MonthSeal): void;
  /** The proofs of commands that no later one looked at as a whole, oldest first; of the newest 64. */
  records(): readonly ProofRecord[];
  /** Keeps what a proof came to, in the place of those that looked at no more. */
  record(record: ProofRecord): void;
  close(): void;
}
