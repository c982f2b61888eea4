import { type ErrorCode, FarolaError } from '@farola/shared';
import { ledgerKey, ledgerKeyParts, ORDINAL_LIMIT } from '../ledger/ledger-key.js';
import type { LedgerMonth, NamedRow } from '../ledger/ledger-month.js';
import type { LedgerRow } from '../ledger/ledger.js';

/** Keys between which nothing could be read. */
export interface UnreadPage {
  readonly rows: undefined;
  readonly after: number;
  readonly upTo: number;
  readonly reason: string;
  /** The rows among them that range tables name; undefined when these cannot be read either. */
  readonly named: readonly NamedRow[] | undefined;
}

/** Some rows, or keys between which nothing could be read. */
export type WalkedPage = { readonly rows: readonly LedgerRow[]; readonly upTo: number } | UnreadPage;

/** Rows that are read at a time: few enough that no statement is open for long. */
export const PAGE_ROWS = 256;

/** Keys of one slot (ledger-key.ts): what a jump over damage begins with where nothing names the rows. */
const SLOT_KEYS = 2 ** 29;

/** Named rows that are asked for at a time, and those that could not be read that a page carries. */
const NAMED_ROWS = 65_536;
const UNREAD_ROWS = 1_024;

/**
 * Walks the rows of a file above a key and up to another. Behind a place that cannot be read it tries each row that the range
 * tables name, so that damage hides no other row; where those cannot be read either it jumps on, further each time
 * that it fails again. Errors: those of the port but `ledger-corrupt` and `disk-failure`, which become pages.
 */
export function* walkRows(month: LedgerMonth, after: number, upTo: number, pageRows = PAGE_ROWS): Generator<WalkedPage> {
  let at = after;
  let limit = pageRows;
  while (at < upTo) {
    const read = tryRead(() => month.rows(at, upTo, limit));
    if (!(read instanceof FarolaError)) {
      const last = read.reduce((most, { key }) => Math.max(most, key), at);
      if (read.length > 0) yield { rows: read, upTo: last };
      at = read.length < limit ? upTo : Math.max(last, at + 1);
      continue;
    }
    if (limit > 1) {
      limit = 1;
      continue;
    }
    at = yield* passUnread(month, at, upTo, String(read.facts['reason']));
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

/** Finds the next row that can be read, gives what lies before it and that row, and returns its key. */
function* passUnread(month: LedgerMonth, after: number, upTo: number, reason: string): Generator<WalkedPage, number> {
  let [from, at] = [after, after];
  let unread: NamedRow[] = [];
  for (;;) {
    const named = tryRead(() => month.named(at, upTo, NAMED_ROWS));
    if (named instanceof FarolaError || named.length === 0) break;
    for (const one of named) {
      at = one.key;
      const row = tryRead(() => month.row(one.key));
      if (row instanceof FarolaError) unread.push(one);
      else if (row) {
        yield { rows: undefined, after: from, upTo: one.key - 1, reason, named: unread };
        yield { rows: [row], upTo: one.key };
        return one.key;
      }
      if (unread.length < UNREAD_ROWS) continue;
      yield { rows: undefined, after: from, upTo: at, reason, named: unread };
      [from, unread] = [at, []];
    }
  }
  const next = readableFrom(month, at, upTo);
  yield { rows: undefined, after: from, upTo: next, reason, named: unread.length > 0 ? unread : undefined };
  return next;
}

function readableFrom(month: LedgerMonth, at: number, upTo: number): number {
  for (let step = SLOT_KEYS; at + step < upTo; step *= 2) {
    if (!(tryRead(() => month.rows(at + step, upTo, 1)) instanceof FarolaError)) return at + step;
  }
  return upTo;
}

const UNREADABLE: ReadonlySet<ErrorCode> = new Set(['ledger-corrupt', 'disk-failure']);

/** Whether an error says that a place of a file cannot be read. */
export function isUnreadable(error: unknown): error is FarolaError {
  return error instanceof FarolaError && UNREADABLE.has(error.code);
}

function tryRead<Value>(read: () => Value): Value | FarolaError {
  try {
    return read();
  } catch (error) {
    if (isUnreadable(error)) return error;
    throw error;
  }
}
