import { isoTime } from '@farola/shared';
import { ledgerKeyParts, monthOf, slotOf } from '../ledger/ledger-key.js';
import type { LedgerMonths } from '../ledger/ledger-month.js';
import type { KnownOfLedger } from './audit-seals.js';
import type { Finding } from './finding.js';
import { isUnreadable } from './walk-rows.js';

/** That an answer of an LCU was stored, as it is known from elsewhere than the ledger. */
export interface KnownReceipt {
  readonly lcuId: string;
  /** Wall time of the receipt, ms; up to `NOTED_MS` later. */
  readonly receivedAtMs: number;
}

/** An answer is stored, and noted beside the ledger, within these, ms: what is noted right after midnight may lie in the month before. */
const NOTED_MS = 60_000;

/**
 * The months of which answers are known and no file is here, oldest first. Sealed months are left to their seals (auditSeals), those
 * that may have been moved away are not missed. What was received after the wall clock went back lies in a later file, and is looked for there.
 */
export function lostMonths(
  receipts: Iterable<KnownReceipt>,
  months: Pick<LedgerMonths, 'list' | 'open'>,
  { seals, awayBefore = '' }: Partial<Pick<KnownOfLedger, 'awayBefore'>> & Pick<KnownOfLedger, 'seals'>,
): Finding[] {
  const here = months.list();
  const lost = new Map<string, { lcus: Set<string>; firstMs: number; lastMs: number }>();
  for (const { lcuId, receivedAtMs } of receipts) {
    const name = monthOf(receivedAtMs - NOTED_MS);
    if (here.includes(name) || here.includes(monthOf(receivedAtMs)) || seals.some(({ month }) => month === name)) continue;
    if (name < awayBefore) continue;
    const known = lost.get(name) ?? { lcus: new Set(), firstMs: receivedAtMs, lastMs: receivedAtMs };
    known.lcus.add(lcuId);
    known.firstMs = Math.min(known.firstMs, receivedAtMs);
    known.lastMs = Math.max(known.lastMs, receivedAtMs);
    lost.set(name, known);
  }
  return [...lost]
    .filter(([month, { firstMs }]) => !here.some((name) => name > month && reachesBack(months, name, firstMs)))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([month, { lcus, lastMs }]) => {
      const [first = '', ...others] = lcus;
      const whose = others.length === 0 ? first : `${first} and ${others.length} more`;
      return {
        kind: 'gone',
        month,
        what: `the whole file: the state knows answers of ${whose} in it, the last of ${isoTime(lastMs)}`,
      };
    });
}

/** Whether a file holds rows of that time or before. One that cannot be read may. */
function reachesBack(months: Pick<LedgerMonths, 'open'>, name: string, atMs: number): boolean {
  try {
    const span = months.open(name).keySpan();
    return span !== undefined && ledgerKeyParts(span.first).slot <= slotOf(atMs);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return true;
  }
}
