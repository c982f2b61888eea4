import { ledgerKeyParts, SLOT_MS } from '../ledger/ledger-key.js';
import type { ProofBook, ProofOutcome } from './proof-book.js';

/** How the ledger's proof stands, for operators, as JSON can carry it. */
export interface ProofStatus {
  /** Everything received before this wall time was proven at least once, ms; null before the first night. */
  readonly provenUpToMs: number | null;
  /** The night that is under way: share of its tasks, 0 to 1. */
  readonly running: { readonly beganMs: number; readonly rows: number; readonly share: number } | null;
  readonly last: ProofOutcome | null;
}

/** The state of the nightly proof. Errors: those of the book. */
export function proofStatus(book: Pick<ProofBook, 'progress'>): ProofStatus {
  const { provenUpTo, night, last } = book.progress();
  return {
    provenUpToMs: provenUpTo > 0 ? ledgerKeyParts(provenUpTo).slot * SLOT_MS : null,
    running: night && {
      beganMs: night.beganMs,
      rows: night.rows,
      share: night.tasks.length === 0 ? 1 : night.at / night.tasks.length,
    },
    last,
  };
}
