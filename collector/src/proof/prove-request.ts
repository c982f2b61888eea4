import type { ErrorCode, Facts } from '@farola/shared';
import type { MonthSpan } from './plan-night.js';
import type { ProofCursor, ProofTask } from './proof-book.js';
import type { LcuIdentity } from './prove-row.js';
import type { SliceOutcome } from './proof-slice.js';

/** What a proving thread is begun with. */
export interface ProveThreadData {
  /** Folder of the ledger. */
  readonly folder: string;
  readonly pollKeys: readonly Uint8Array[];
}

/** What is asked of it, one at a time. Keys come with each slice, since the fleet changes. */
export type ProveRequest =
  | { readonly do: 'spans' }
  | {
      readonly do: 'slice';
      readonly task: ProofTask;
      readonly cursor: ProofCursor | null;
      readonly lcus: readonly LcuIdentity[] | null;
    };

/** What it answers. */
export type ProveReply =
  | { readonly ok: true; readonly value: readonly MonthSpan[] | SliceOutcome }
  | { readonly ok: false; readonly code: ErrorCode; readonly facts: Facts };
