import { type ErrorCode, FarolaError } from '@farola/shared';
import { ledgerKey, ledgerKeyParts, ORDINAL_LIMIT } from '../ledger/ledger-key.js';
import type { LedgerMonth } from '../ledger/ledger-month.js';
import type { LedgerRow } from '../ledger/ledger.js';

/** Some rows, or keys between which nothing could be read. */
export type WalkedPage =
  | { readonly rows: readonly LedgerRow[]; readonly upTo: number }
  | { readonly rows: undefined; readonly after: number; readonly upTo: number; readonly reason: string };

/** Rows that are read at a time: few enough that no statement is open for long. */
export const PAGE_ROWS = 256;

/** Keys of one slot (ledger-key.ts): what a jump over damage begins with. */
const SLOT_KEYS = 2 ** 29;

/**
 * Walks the rows of a file above a key and up to another. Where the file cannot be read it jumps on, further each time
 * that it fails again. Errors: those of the port but `ledger-corrupt` and `disk-failure`, which become pages.
 */
export function* walkRows(month: LedgerMonth, after: number, upTo: number, pageRows = PAGE_ROWS): Generator<WalkedPage> {
  let at = after;
  let limit = pageRows;
  while (at < upTo) {
    const read = tryRows(month, at, upTo, limit);
    if (Array.isArray(read)) {
      const last = read.reduce((most, { key }) => Math.max(most, key), at);
      if (read.length > 0) yield { rows: read, upTo: last };
      at = read.length < limit ? upTo : Math.max(last, at + 1);
      continue;
    }
    if (limit > 1) {
      limit = 1;
      continue;
    }
    const next = readableFrom(month, at, upTo);
    yield { rows: undefined, after: at, upTo: next, reason: String(read.facts['reason']) };
    at = next;
    limit = pageRows;
  }
}

/** As `walkRows`, of one LCU alone: slot by slot. */
export function* walkRowsOf(month: LedgerMonth, lcuNo: number, after: number, upTo: number): Generator<WalkedPage> {
  const last = ledgerKeyParts(upTo).slot;
  for (let { slot } = ledgerKeyParts(after + 1); slot <= last; slot++) {
    const lowest = ledgerKey({ slot, lcuNo, ordinal: 0 });
    yield* walkRows(month, Math.max(after, lowest - 1), Math.min(upTo, lowest + ORDINAL_LIMIT - 1));
  }
}

function readableFrom(month: LedgerMonth, at: number, upTo: number): number {
  for (let step = SLOT_KEYS; at + step < upTo; step *= 2) {
    if (Array.isArray(tryRows(month, at + step, upTo, 1))) return at + step;
  }
  return upTo;
}

const UNREADABLE: ReadonlySet<ErrorCode> = new Set(['ledger-corrupt', 'disk-failure']);

/** Whether an error says that a place of a file cannot be read. */
export function isUnreadable(error: unknown): error is FarolaError {
  return error instanceof FarolaError && UNREADABLE.has(error.code);
}

function tryRows(month: LedgerMonth, after: number, upTo: number, limit: number): LedgerRow[] | FarolaError {
  try {
    return [...month.rows(after, upTo, limit)];
  } catch (error) {
    if (isUnreadable(error)) return error;
    throw error;
  }
}
