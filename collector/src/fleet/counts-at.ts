import { isFirstBranch } from '../branch-id.js';
import type { LedgerReader } from '../ledger/ledger.js';
import { epochCounts, type Placed, standingAt, standingNow } from './counting.js';
import { decisionsOf, type NotedDecision } from './decide.js';
import type { EpochReader } from './derived-state.js';

/**
 * Whether an epoch of an LCU, by the id of its chain, counts as the LCU stood when a row of it was stored; as it stands now when
 * no row is told (DESIGN section 5). What forked off never does.
 */
export type CountsAt = (lcuNo: number, epoch: Uint8Array, row?: Placed) => boolean;

/** Finds it in ledger and derived state. The decisions about an LCU are read once. */
export function countsAt(ledger: Pick<LedgerReader, 'judgements' | 'rowOf'>, epochs: Pick<EpochReader, 'start'>): CountsAt {
  const known = new Map<number, readonly NotedDecision[]>();
  return (lcuNo, epoch, row) => {
    const decisions = known.get(lcuNo) ?? decisionsOf(ledger, lcuNo);
    known.set(lcuNo, decisions);
    if (!isFirstBranch(epoch)) return false;
    if (decisions.length === 0) return true;
    const startRow = (): Placed | undefined => ledger.rowOf(lcuNo, epoch, 1);
    const standing = row ? standingAt(decisions, row, startRow) : standingNow(decisions, startRow);
    return epochCounts(standing, epochs.start(lcuNo, epoch)?.atMs);
  };
}
