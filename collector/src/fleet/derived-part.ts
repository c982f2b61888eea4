import type { LedgerReader } from '../ledger/ledger.js';

/** How far a part is. */
export interface RebuildStep {
  /** Name of the part. */
  readonly part: string;
  readonly rows: number;
  /** Share of the ledger, 0 to 1, by time of receipt. */
  readonly share: number;
}

/**
 * Port: something that is derived from the ledger and its judgements alone, and can be made anew. Errors: `disk-failure`,
 * `ledger-corrupt`, those of its store.
 */
export interface DerivedPart {
  readonly name: string;
  /**
   * Makes it anew beside what is there, and puts it in its place in one step at the end: whoever is killed in between
   * leaves what was there. Nobody else writes meanwhile. Yields now and then; gives the rows that it took in.
   */
  rebuild(ledger: LedgerReader): AsyncGenerator<RebuildStep, number>;
}
