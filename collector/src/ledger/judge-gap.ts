import { type GapRecord, refuse, type Result, sameBytes, toHex } from '@farola/shared';
import { heldHead, type KnownEpoch } from './held-head.js';
import { withinIslandLimit } from './judge-range.js';
import type { HeldRange } from './held-range.js';

/**
 * Whether a gap record agrees with what is held of its epoch, and the parts of it that are new, each a record of its own.
 * Without bytes only its ends can be compared. Codes: `chain-fork`; `message-invalid` when it ends before it begins.
 */
export function judgeGap(gap: GapRecord, known: KnownEpoch): Result<readonly GapRecord[]> {
  const [epoch, from, to, prev, head, reason] = gap;
  if (from < 1 || to < from) return refuse('message-invalid', { kind: 'answer', reason: `gap of ${from} to ${to}` });
  const ends = [
    { n: from - 1, head: prev },
    { n: to, head },
  ];
  for (const end of ends) {
    const held = heldHead(end.n, known);
    if (held && !sameBytes(held, end.head)) return refuse('chain-fork', { from, to, epoch: toHex(epoch), at: end.n });
  }
  const headAt = (n: number): Uint8Array => (n === from - 1 ? prev : n === to ? head : runEnd(n, known));
  const parts = known.holding.missing(from, to).map((part): HeldRange => {
    return { ...part, prev: headAt(part.from - 1), head: headAt(part.to) };
  });
  const kept = withinIslandLimit(known.holding, parts);
  return { ok: true, value: kept.map((part): GapRecord => [epoch, part.from, part.to, part.prev, part.head, reason]) };
}

/** A part that is missing ends at the gap's own end or where a run begins or ends. */
function runEnd(n: number, known: KnownEpoch): Uint8Array {
  const head = heldHead(n, known);
  if (!head) throw new RangeError(`no run ends at ${n}`);
  return head;
}
