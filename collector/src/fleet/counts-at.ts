import { isFirstBranch } from '../branch-id.js';
import type { LedgerReader } from '../ledger/ledger.js';
import { epochCounts, standingAt } from './counting.js';
import { decisionsOf } from './decide.js';
import type { EpochReader } from './derived-state.js';
import type { Standing } from './fleet.js';

/**
 * Whether an epoch of an LCU, by the id of its chain, counts by how the LCU stood at a wall time, ms (DESIGN section 5).
 * What forked off never does.
 */
export type CountsAt = (lcuNo: number, epoch: Uint8Array, atMs: number) => boolean;

/** Finds it in ledger and derived state. The decisions about an LCU are read once. */
export function countsAt(ledger: Pick<LedgerReader, 'judgements'>, epochs: Pick<EpochReader, 'start'>): CountsAt {
  const known = new Map<number, readonly Standing[]>();
  return (lcuNo, epoch, atMs) => {
    const decisions = known.get(lcuNo) ?? decisionsOf(ledger, lcuNo);
    known.set(lcuNo, decisions);
    if (!isFirstBranch(epoch)) return false;
    return decisions.length === 0 || epochCounts(standingAt(decisions, atMs), epochs.start(lcuNo, epoch)?.atMs);
  };
}
