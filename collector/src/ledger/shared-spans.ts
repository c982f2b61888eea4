import { sameBytes } from '@farola/shared';
import type { EpochHolding } from './epoch-holding.js';
import { heldHead, type KnownEpoch } from './held-head.js';
import type { HeldRange } from './held-range.js';
import { without } from './spans.js';

/** The chain of a unit as far as an answer tells it: h(n) of every n from..to. */
export interface ToldChain {
  readonly from: number;
  readonly to: number;
  readonly headAt: (n: number) => Uint8Array | undefined;
}

/**
 * What a branch shares with the first chain of its epoch, as an answer shows it, and is not known to yet. Two chains that
 * have one head at n have all before it alike: what the first holds without a hole up to there, with its bytes, need not be
 * stored again. Behind the first n where they differ nothing is shared.
 * @param own what is stored of the branch
 */
export function sharedSpans({ from, to, headAt }: ToldChain, first: KnownEpoch, own: EpochHolding): readonly HeldRange[] {
  const shared: HeldRange[] = [];
  const isSame = (n: number): boolean => {
    const [told, held] = [headAt(n), heldHead(n, first)];
    return told !== undefined && held !== undefined && sameBytes(told, held);
  };
  for (const run of first.holding.runs) {
    const [lowest, highest] = [Math.max(from, run.from - 1, 1), Math.min(to, run.to)];
    if (lowest > highest) continue;
    if (!isSame(lowest)) break;
    const upTo = lastSame(lowest, highest, isSame);
    shared.push(...spansOf(run.from, upTo, first, own));
    if (upTo < highest) break;
  }
  return shared;
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

/** The parts of from..to whose bytes the first chain has and of which the branch has nothing. */
function spansOf(from: number, to: number, first: KnownEpoch, own: EpochHolding): HeldRange[] {
  const lacked = own.missing(from, to);
  if (lacked.length === 0) return [];
  return without(lacked, first.detail(from, to).byteless).flatMap((span) => {
    const [prev, head] = [heldHead(span.from - 1, first), heldHead(span.to, first)];
    if (!prev || !head) return [];
    const range = { ...span, prev, head };
    return own.agreesWith(range) ? [range] : [];
  });
}
