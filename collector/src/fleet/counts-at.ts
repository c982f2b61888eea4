import { toHex } from '@farola/shared';
import { isFirstBranch } from '../branch-id.js';
import type { LedgerReader } from '../ledger/ledger.js';
import { epochCounts, type Placed, standingAt, standingNow } from './counting.js';
import { decisionsOf, type NotedDecision } from './decide.js';
import type { EpochReader } from './derived-state.js';

/**
 * Whether an epoch of an LCU, by the id of its chain, counts as the LCU stood when a row of it was stored; as it stands now when
 * no row is told (DESIGN section 5). A row that costs a look is given as a function: of most LCUs nothing was ever decided. What forked off never does.
 */
export type CountsAt = (lcuNo: number, epoch: Uint8Array, row?: Placed | (() => Placed | undefined)) => boolean;

/** Finds it in ledger and derived state. The decisions about an LCU, and the begin of an epoch, are read once. */
export function countsAt(ledger: Pick<LedgerReader, 'judgements' | 'rowOf'>, epochs: Pick<EpochReader, 'start'>): CountsAt {
  const known = new Map<number, readonly NotedDecision[]>();
  const starts = new Map<string, Placed>();
  return (lcuNo, epoch, row) => {
    const decisions = known.get(lcuNo) ?? decisionsOf(ledger, lcuNo);
    known.set(lcuNo, decisions);
    if (!isFirstBranch(epoch)) return false;
    if (decisions.length === 0) return true;
    const startRow = (): Placed | undefined => {
      const name = `${lcuNo}/${toHex(epoch)}`;
      const start = starts.get(name) ?? ledger.rowOf(lcuNo, epoch, 1);
      if (start) starts.set(name, start);
      return start;
    };
    const placed = typeof row === 'function' ? row() : row;
    const standing = placed ? standingAt(decisions, placed, startRow) : standingNow(decisions, startRow);
    return epochCounts(standing, epochs.start(lcuNo, epoch)?.atMs);
  };
}
