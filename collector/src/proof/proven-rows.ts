import type { LedgerMonths } from '../ledger/ledger-month.js';
import type { LedgerReader, LedgerRow } from '../ledger/ledger.js';
import { isUnreadable, walkRows } from './walk-rows.js';

/** Above every key. */
const LAST_KEY = Number.MAX_SAFE_INTEGER;

/**
 * A ledger as whatever is derived from it may take it in, after a proof of all of it: without the rows that do not agree, and without the places
 * that cannot be read, which that proof has named. Nobody writes it meanwhile. Errors: those of the ports.
 * @param leftOut keys of the rows that do not agree
 */
export function provenRows(ledger: LedgerReader, months: LedgerMonths, leftOut: Pick<ReadonlySet<number>, 'has'>): LedgerReader {
  const isProven = ({ key }: Pick<LedgerRow, 'key'>): boolean => !leftOut.has(key);
  const rowsFrom = (key: number): Generator<LedgerRow> => readableRows(months, key, isProven);
  return {
    *rows(...of) {
      for (const row of ledger.rows(...of)) if (isProven(row)) yield row;
    },
    rowsFrom,
    *keysFrom(from) {
      for (const { key } of rowsFrom(from)) yield key;
    },
    row: (key) => (leftOut.has(key) ? undefined : ledger.row(key)),
    rowOf(...of) {
      const row = readable(() => ledger.rowOf(...of));
      return row && isProven(row) ? row : undefined;
    },
    ownedBy: (key) => (leftOut.has(key) ? [] : ledger.ownedBy(key)),
    sharedOf: (...of) => ledger.sharedOf(...of),
    keySpan: () => ledger.keySpan(),
    judgements: (...of) => ledger.judgements(...of),
    newestAnswer: (...of) => ledger.newestAnswer(...of),
    oneOfEach: () => ledger.oneOfEach(),
    close: () => ledger.close(),
  };
}

function* readableRows(months: LedgerMonths, from: number, isProven: (row: LedgerRow) => boolean): Generator<LedgerRow> {
  for (const name of months.list()) {
    for (const { rows } of walkRows(months.open(name), from - 1, LAST_KEY)) yield* (rows ?? []).filter(isProven);
  }
}

function readable<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (isUnreadable(error)) return undefined;
    throw error;
  }
}
