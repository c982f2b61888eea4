import type { MonthSpan } from './plan-night.js';
import type { ProofCursor, ProofTask } from './proof-book.js';
import type { SliceOutcome } from './proof-slice.js';

/** Port: proves parts of the ledger away from the caller's thread. One call at a time. Error: `internal` when it ends. */
export interface LedgerProver {
  /** The files that are there, oldest first. */
  spans(): Promise<readonly MonthSpan[]>;
  /** Does a slice of a task. */
  slice(task: ProofTask, cursor: ProofCursor | null): Promise<SliceOutcome>;
  close(): Promise<void>;
}
