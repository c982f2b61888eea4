import type { Decision, Lcu, Standing } from './fleet.js';

/** Whether what an LCU delivers counts in latest values and aggregates (DESIGN section 5). Everything is stored anyway. */
export interface Counting {
  /** False from the first contradiction on until a person has released it. */
  readonly counts: boolean;
  /** After a release only epochs that began later count, wall time in ms; null when there was none. */
  readonly fromEpochAfterMs: number | null;
}

const COUNTS: Counting = { counts: true, fromEpochAfterMs: null };
const BARRED: Counting = { counts: false, fromEpochAfterMs: null };

/** How an LCU stands now. */
export function standingOf({ standing }: Pick<Lcu, 'standing'>): Counting {
  return standing ? after(standing.decision, standing.atMs) : COUNTS;
}

/**
 * How an LCU stood when something was received.
 * @param decisions oldest first
 */
export function standingAt(decisions: readonly Pick<Standing, 'decision' | 'atMs'>[], receivedAtMs: number): Counting {
  const last = decisions.findLast(({ atMs }) => atMs <= receivedAtMs);
  return last ? after(last.decision, last.atMs) : COUNTS;
}

function after(decision: Decision, atMs: number): Counting {
  if (decision === 'quarantined') return BARRED;
  return decision === 'released' ? { counts: true, fromEpochAfterMs: atMs } : COUNTS;
}

/** Whether an epoch counts. @param beganAtMs wall time of its start entry; undefined while that is not stored */
export function epochCounts({ counts, fromEpochAfterMs }: Counting, beganAtMs: number | undefined): boolean {
  if (!counts || fromEpochAfterMs === null) return counts;
  return beganAtMs !== undefined && beganAtMs > fromEpochAfterMs;
}
