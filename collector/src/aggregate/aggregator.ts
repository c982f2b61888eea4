import type { ErrorCode, Facts } from '@farola/shared';

/** The files that aggregates are made from and in. */
export interface AggregatorPaths {
  readonly ledger: string;
  readonly state: string;
  readonly aggregates: string;
}

/** What the thread that makes aggregates tells: the ledger is followed, or why it cannot be. */
export type AggregatorReport = { readonly ok: true } | { readonly ok: false; readonly code: ErrorCode; readonly facts: Facts };

/** Port: makes aggregates from the ledger until it is stopped. */
export interface Aggregator {
  /** Resolves when it has ended, in order. */
  stop(): Promise<void>;
}
