import { sameBytes } from '@farola/shared';
import { branchIds, epochOf, isFirstBranch } from '../branch-id.js';
import type { EpochHolding } from './epoch-holding.js';
import { HeldChain, type HeldByLcu } from './held-by-lcu.js';
import { heldHead, type KnownEpoch } from './held-head.js';
import type { SharedRange } from './ledger.js';
import { without } from './spans.js';

/** The chain of a unit as far as an answer tells it: h(n) of every n from..to. */
export interface ToldChain {
  readonly from: number;
  readonly to: number;
  readonly headAt: (n: number) => Uint8Array | undefined;
}

/** A branch, with what is stored of it. */
interface Branch {
  readonly id: Uint8Array;
  readonly holding: EpochHolding;
}

/**
 * What a branch shares with the first chain of its epoch, as an answer shows it, and is not known to yet; nothing of the first
 * chain. Two chains that have one head at n have all before it alike: what one holds without a hole up to there, with its bytes,
 * need not be stored again.
 */
export function sharedWithFirst(
  told: ToldChain,
  { id, holding }: Branch,
  lcuId: string,
  held: HeldByLcu,
): readonly SharedRange[] {
  if (isFirstBranch(id)) return NONE;
  return sharedWith(epochOf(id), told, new HeldChain(lcuId, id, holding, held), lcuId, held);
}

/**
 * As `sharedWithFirst`, of every chain of the epoch. What is shared tells the head before it: by that the next is looked for, so
 * that a history is found wherever its parts stand.
 */
export function sharedWithAll(told: ToldChain, branch: Branch, lcuId: string, held: HeldByLcu): readonly SharedRange[] {
  const { id } = branch;
  if (isFirstBranch(id)) return NONE;
  const epoch = epochOf(id);
  const sources = branchIds(epoch, held.branchesOf(epoch)).filter((one) => !sameBytes(one, id));
  const shared: SharedRange[] = [];
  const toFollow = [told];
  for (let next = toFollow.pop(); next; next = toFollow.pop()) {
    for (const source of sources) {
      const own = new HeldChain(lcuId, id, branch.holding.grownBy(shared), held);
      const found = sharedWith(source, next, own, lcuId, held);
      shared.push(...found);
      toFollow.push(...found.map(({ from, prev }) => ({ from: from - 1, to: from - 1, headAt: () => prev })));
    }
  }
  return shared;
}

const NONE: readonly never[] = [];

function sharedWith(
  source: Uint8Array,
  { from, to, headAt }: ToldChain,
  own: HeldChain,
  lcuId: string,
  held: HeldByLcu,
): SharedRange[] {
  const other = new HeldChain(lcuId, source, held.holdingOf(source), held);
  const isSame = (n: number): boolean => {
    const [told, known] = [headAt(n), heldHead(n, other)];
    return told !== undefined && known !== undefined && sameBytes(told, known);
  };
  return other.holding.runs.flatMap((run) => {
    const [lowest, highest] = [Math.max(from, run.from - 1, 1), Math.min(to, run.to)];
    if (lowest > highest || own.holding.covers({ from: run.from, to: highest }) || !isSame(lowest)) return [];
    return spansOf(run.from, lastSame(lowest, highest, isSame), other, own).map((range) => ({ ...range, id: own.id, source }));
  });
}

/** The highest n up to which heads are the same; they are at the lowest. */
function lastSame(lowest: number, highest: number, isSame: (n: number) => boolean): number {
  let [same, end] = [lowest, highest];
  while (same < end) {
    const n = Math.ceil((same + end) / 2);
    if (isSame(n)) same = n;
    else end = n - 1;
  }
  return same;
}

/** The parts of from..to of which the branch has nothing, and that the other chain has with its bytes and in rows of its own. */
function spansOf(from: number, to: number, other: KnownEpoch, own: KnownEpoch): Omit<SharedRange, 'id' | 'source'>[] {
  const lacked = own.holding.missing(from, to);
  if (lacked.length === 0) return [];
  const { byteless, shared } = other.detail(from, to);
  return without(lacked, [...byteless, ...shared]).flatMap((span) => {
    const [prev, head] = [heldHead(span.from - 1, other), heldHead(span.to, other)];
    if (!prev || !head) return [];
    const range = { ...span, prev, head };
    return own.holding.agreesWith(range) && tellsTheSame(own, range, other) ? [range] : [];
  });
}

/** Whether no head that is told of a branch is another one in the chain that it would share this with. */
function tellsTheSame(own: KnownEpoch, { from, to }: { from: number; to: number }, other: KnownEpoch): boolean {
  return own.detail(from, to).told.every(({ n, head }) => {
    const known = heldHead(n, other);
    return !known || sameBytes(known, head);
  });
}
