import type { LedgerRow } from '../ledger/ledger.js';
import { entriesOf } from '../row-entries.js';
import type { Lcu, Standing } from './fleet.js';
import { isHeld } from './held-rows.js';
import { isStoredIn } from './stored-spans.js';

/** Whether what an LCU delivers counts in latest values and aggregates (DESIGN section 5). Everything is stored anyway. */
export interface Counting {
  /** False from the first contradiction on until a person has released it. */
  readonly counts: boolean;
  /** After a release only epochs that began later count, wall time in ms; null when there was none. */
  readonly fromEpochAfterMs: number | null;
  /** When it was decided last, wall time in ms; not there when nothing was. */
  readonly sinceMs?: number;
}

/** A decision as the ledger notes it. Their order in the ledger is the order in which they were taken. */
export interface Decided extends Pick<Standing, 'decision' | 'atMs'> {
  /** Rows of the LCU that were stored before it, though by their receipt they are no earlier: the clock had gone back (held-rows.ts). */
  readonly held?: string;
  /** What was stored of the LCU before it (stored-spans.ts); noted where the rows of then were lost and may be delivered again. */
  readonly stored?: string;
  /** Of one that is noted again, since the clock went back behind it: when it was taken, by the clock of then. */
  readonly takenAtMs?: number;
}

/** A row by which it is told what came before and after a decision. */
export type Placed = Pick<LedgerRow, 'key' | 'receivedAtMs'> &
  Partial<Pick<LedgerRow, 'epoch' | 'first' | 'entries'>> & {
    /** The entry that is asked of; the last that the row brought, unless told. */
    readonly n?: number;
  };

const COUNTS: Counting = { counts: true, fromEpochAfterMs: null };
const BARRED: Counting = { counts: false, fromEpochAfterMs: null };

/** How an LCU stands now, but for clocks that went back since its release (standingNow). */
export function standingOf({ standing }: Pick<Lcu, 'standing'>): Counting {
  if (!standing) return COUNTS;
  const { decision, atMs: sinceMs } = standing;
  if (decision === 'quarantined') return { ...BARRED, sinceMs };
  return { counts: true, fromEpochAfterMs: decision === 'released' ? sinceMs : null, sinceMs };
}

/**
 * How an LCU stood when a row of it was stored, which is told by order: wall times of decisions and receipts compare only
 * between two steps of the clock. A decision bars no row that it held, and one that the clock went back behind is noted again
 * before the next row is stored.
 * @param decisions in the order of the ledger
 * @param startRow asked after a release alone: the row that brought the start entry of the row's epoch
 */
export function standingAt(decisions: readonly Decided[], row: Placed, startRow: () => Placed | undefined): Counting {
  return standingBehind(decisions, positionOf(decisions, row), startRow);
}

/** How an LCU stands for one of its epochs behind all decisions. Parameters as `standingAt`. */
export function standingNow(decisions: readonly Decided[], startRow: () => Placed | undefined): Counting {
  return standingBehind(decisions, decisions.length - 1, startRow);
}

/** Index of the last decision that was taken before a row was stored; -1 when none was. */
export function positionOf(decisions: readonly Decided[], row: Placed): number {
  const { key, receivedAtMs } = row;
  return decisions.findLastIndex(({ atMs, held, stored }) => {
    return atMs <= receivedAtMs && !(held && isHeld(held, key)) && !(stored && wasStored(stored, row));
  });
}

/** Whether an entry was stored before, and came again; of a row its last, so that none that was not is taken for one that was. */
function wasStored(stored: string, { key, epoch, n, first, entries }: Placed): boolean {
  if (!epoch) return false;
  const last =
    n ?? (first === undefined || !entries ? undefined : Math.max(first, first + entriesOf({ key, entries }).length - 1));
  return last !== undefined && isStoredIn(stored, epoch, last);
}

/**
 * After a release an epoch counts that is told first behind it; when both are of the same run of the clock, also by when it
 * began: what began before and was delivered later is as doubtful as the rest.
 */
function standingBehind(decisions: readonly Decided[], index: number, startRow: () => Placed | undefined): Counting {
  const last = decisions[index];
  if (last?.decision === 'quarantined') return BARRED;
  if (last?.decision !== 'released') return COUNTS;
  let release = index;
  while (release > 0 && decisions[release]?.takenAtMs !== undefined) release--;
  const releasedAtMs = last.takenAtMs ?? last.atMs;
  const start = startRow();
  if (start && positionOf(decisions, { ...start, n: 1 }) < release) return BARRED;
  if (start && start.receivedAtMs < releasedAtMs) return COUNTS;
  return { counts: true, fromEpochAfterMs: releasedAtMs };
}

/** Whether an epoch counts. @param beganAtMs wall time of its start entry; undefined while that is not stored */
export function epochCounts({ counts, fromEpochAfterMs }: Counting, beganAtMs: number | undefined): boolean {
  if (!counts || fromEpochAfterMs === null) return counts;
  return beganAtMs !== undefined && beganAtMs > fromEpochAfterMs;
}
