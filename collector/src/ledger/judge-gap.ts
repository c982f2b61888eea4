import { type GapRecord, refuse, type Result, sameBytes, toHex } from '@farola/shared';
import { epochOf } from '../branch-id.js';
import { heldHead, type KnownEpoch } from './held-head.js';
import type { HeldRange } from './held-range.js';
import { withinIslandLimit } from './judge-range.js';
import type { ToldHead } from './ledger.js';

/** What the ledger keeps of a gap record. */
export interface JudgedGap {
  /** The parts of it of which nothing was held, each a record of its own. */
  readonly gaps: readonly GapRecord[];
  /** Its ends that lie inside what is held and were not known. */
  readonly told: readonly ToldHead[];
}

/**
 * Whether a gap record agrees with what is known of its epoch, and what of it is new. Without bytes only its ends can be
 * compared: they are kept wherever they lie, so that whatever comes later is held against them. Code: `chain-fork`.
 * @param gap of one entry at least; with the id of the chain in place of its epoch
 * @param said h(n) as the same answer tells or shows it before, which the ledger does not know yet
 */
export function judgeGap(
  gap: GapRecord,
  known: KnownEpoch,
  said: (n: number) => readonly (Uint8Array | undefined)[] = () => [],
): Result<JudgedGap> {
  const [epoch, from, to, prev, head, reason] = gap;
  const told: ToldHead[] = [];
  const outside = known.tellsOutside ? known.detail(Math.max(1, from - 1), to).told : [];
  for (const end of [
    { epoch, n: from - 1, head: prev },
    { epoch, n: to, head },
  ]) {
    const held = heldHead(end.n, known) ?? outside.find(({ n }) => n === end.n)?.head;
    const differs = [held, ...said(end.n)].some((other) => other && !sameBytes(other, end.head));
    if (differs) return refuse('chain-fork', { from, to, epoch: toHex(epochOf(epoch)), at: end.n });
    if (!held && isInside(end.n, known)) told.push(end);
  }
  const headAt = (n: number): Uint8Array => (n === from - 1 ? prev : n === to ? head : runEnd(n, known));
  const parts = known.holding.missing(from, to).map((part): HeldRange => {
    return { ...part, prev: headAt(part.from - 1), head: headAt(part.to) };
  });
  const kept = withinIslandLimit(known.holding, parts);
  const gaps = kept.map((part): GapRecord => [epoch, part.from, part.to, part.prev, part.head, reason]);
  return { ok: true, value: { gaps, told } };
}

/** Whether the heads of n and of its neighbours lie within one run. */
function isInside(n: number, { holding }: KnownEpoch): boolean {
  return holding.runs.some((run) => run.from <= n && n < run.to);
}

/** A part that is missing ends at the gap's own end or where a run begins or ends. */
function runEnd(n: number, known: KnownEpoch): Uint8Array {
  const head = heldHead(n, known);
  if (!head) throw new RangeError(`no run ends at ${n}`);
  return head;
}
