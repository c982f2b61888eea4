import { isoTime } from '@farola/shared';
import { ledgerKeyParts, monthOf, SLOT_MS } from '../ledger/ledger-key.js';
import type { LedgerMonths } from '../ledger/ledger-month.js';
import type { Finding } from './finding.js';
import { isUnreadable } from './walk-rows.js';

/**
 * That the newest rows are gone: the state has taken in a row of a key beyond the last of all files. A whole file that is not here is left to
 * `lostMonths`.
 * @param appliedKey highest key that the state has taken in, read before the files; 0 for none
 */
export function lostEnd(appliedKey: number, months: Pick<LedgerMonths, 'list' | 'open'>): Finding[] {
  const names = months.list();
  const newest = names.at(-1);
  const knownMs = timeOf(appliedKey);
  if (newest === undefined || monthOf(knownMs) > newest) return [];
  let last = 0;
  for (const name of names) {
    const key = lastKey(months, name);
    if (key === undefined) return [];
    last = Math.max(last, key);
  }
  if (last >= appliedKey) return [];
  const what = `the newest rows: the state knows of some of ${isoTime(knownMs)}, and the ledger ends at ${isoTime(timeOf(last))}`;
  return [{ kind: 'gone', month: monthOf(knownMs), what }];
}

/** Wall time at which the five minutes of a key begin, ms. */
function timeOf(key: number): number {
  return ledgerKeyParts(key).slot * SLOT_MS;
}

/** 0 of a file without rows. Of one that cannot be read nothing is known here: it is found, and named, with the rest. */
function lastKey(months: Pick<LedgerMonths, 'open'>, month: string): number | undefined {
  try {
    return months.open(month).keySpan()?.last ?? 0;
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return undefined;
  }
}
