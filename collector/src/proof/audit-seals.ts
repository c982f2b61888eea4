import { counted, sameBytes } from '@farola/shared';
import type { Finding } from './finding.js';
import type { LedgerMonth } from '../ledger/ledger-month.js';
import { judgementDigest, type MonthSeal, NO_SEAL, type RowDigest, sealHash } from './month-seal.js';

/** What is known of the ledger from elsewhere than its files. */
export interface KnownOfLedger {
  /** In the order in which they were made. */
  readonly seals: readonly MonthSeal[];
  /** Months before this one may have been moved away, `YYYY-MM`. */
  readonly awayBefore: string | undefined;
  /** Rows up to this key were proven by the nightly proof; 0 for none. */
  readonly provenUpTo: number;
  /** Months that are known to have been written and are not here (lostMonths); none unless told. */
  readonly lost?: readonly Finding[];
}

/** Holds a closed month, of which all rows were read, against its seal. Errors: those of the port. */
export function auditSeal(month: LedgerMonth, { rows, digest }: RowDigest, seal: MonthSeal): Finding[] {
  const findings: Finding[] = [];
  const told = (kind: Finding['kind'], what: string): void => void findings.push({ kind, month: month.month, what });
  if (rows < seal.rows) told('gone', `${seal.rows - rows} of the ${counted(seal.rows, 'row')} with which it was closed`);
  else if (rows !== seal.rows || !sameBytes(digest, seal.digest))
    told('damaged', 'its rows are not those with which it was closed');
  const span = month.keySpan();
  if (rows === seal.rows && span && (span.first !== seal.firstKey || span.last !== seal.lastKey))
    told('damaged', 'its first or last key is not that with which it was closed');
  const judged = judgementDigest(month);
  if (judged.count < seal.judgements)
    told('gone', `${seal.judgements - judged.count} of ${counted(seal.judgements, 'judgement')}`);
  else if (!sameBytes(judged.digest, seal.judgementDigest))
    told('damaged', 'its judgements are not those with which it was closed');
  return findings;
}

/** Which sealed months are not here. */
export interface AuditedSeals {
  /** Months that may have been moved away. */
  readonly away: readonly string[];
  readonly findings: readonly Finding[];
}

/**
 * Holds the chain of seals against itself and against the files that are here.
 * @param here months of which there is a file, oldest first
 */
export function auditSeals(
  here: readonly string[],
  { seals, awayBefore }: Pick<KnownOfLedger, 'seals' | 'awayBefore'>,
): AuditedSeals {
  const away: string[] = [];
  const findings: Finding[] = [];
  let previous: Uint8Array = NO_SEAL;
  for (const seal of seals) {
    const { month, rows } = seal;
    if (!sameBytes(seal.previous, previous)) {
      findings.push({ kind: 'damaged', month, what: 'its seal does not follow the one before it' });
    }
    previous = sealHash(seal);
    if (here.includes(month)) continue;
    if (awayBefore !== undefined && month < awayBefore) away.push(month);
    else findings.push({ kind: 'gone', month, what: `the whole file: it was closed with ${counted(rows, 'row')}` });
  }
  return { away, findings };
}

/** What is gone of the newest rows, when some were proven before. @param highestKey of all rows that are here */
export function auditEnd(highestKey: number, provenUpTo: number, newestMonth: string): Finding[] {
  if (highestKey >= provenUpTo) return [];
  const what = `the newest rows: they were proven up to key ${provenUpTo}, and ${highestKey} is the last that is here`;
  return [{ kind: 'gone', month: newestMonth, what }];
}
