import { ISLAND_LIMIT, refuse, type Result, sameBytes, toHex } from '@farola/shared';
import type { EpochHolding } from './epoch-holding.js';
import { heldHead, type KnownEpoch } from './held-head.js';
import type { HeldRange } from './held-range.js';

/** Entries from..to of one epoch, proven by a signed answer; empty when `to` is `from - 1`. */
export interface ProvenRange {
  readonly epoch: Uint8Array;
  readonly from: number;
  readonly to: number;
  /** h(from - 1). */
  readonly prev: Uint8Array;
  /** h(to). */
  readonly head: Uint8Array;
  /** h(from - 1) to h(to), one more than there are entries; computed when they are asked for. */
  readonly heads: readonly Uint8Array[];
}

/** What the ledger keeps of a range. */
export interface JudgedRange {
  /** First entry that is kept; those before are stored already. `to + 1` when nothing is new. */
  readonly first: number;
  /** h(first - 1). */
  readonly base: Uint8Array;
  /** The parts that are new, ascending. */
  readonly adds: readonly HeldRange[];
}

/**
 * Whether a proven range agrees with what is held of its epoch, and what of it is new. An epoch begins at its seed;
 * ranges that meet or overlap must have the same head at the end of what they share, which proves the same bytes before
 * it, since no two are known with one SHA-256. A part that would be one island too many is left out: it comes again once
 * holes are filled. Code: `chain-fork`, with an `n` whose heads differ as the fact `at`.
 */
export function judgeRange(range: ProvenRange, known: KnownEpoch): Result<JudgedRange> {
  const { epoch, from, to } = range;
  const at = contradiction(range, known);
  if (at !== undefined) return refuse('chain-fork', { from, to, epoch: toHex(epoch), at });
  const missing = known.holding.missing(from, to).map((part) => ({
    from: part.from,
    to: part.to,
    prev: headOf(range, part.from - 1),
    head: headOf(range, part.to),
  }));
  const adds = withinIslandLimit(known.holding, missing);
  const first = adds[0]?.from ?? to + 1;
  return { ok: true, value: { first, base: headOf(range, first - 1), adds } };
}

/** The parts that can be added one after the other without an island too many. */
export function withinIslandLimit(holding: EpochHolding, parts: readonly HeldRange[]): readonly HeldRange[] {
  if (holding.islandCount + parts.length <= ISLAND_LIMIT) return parts;
  const kept: HeldRange[] = [];
  let grown = holding;
  for (const part of parts) {
    const next = grown.with(part);
    if (next.islandCount > ISLAND_LIMIT) continue;
    grown = next;
    kept.push(part);
  }
  return kept;
}

function contradiction(range: ProvenRange, known: KnownEpoch): number | undefined {
  const { from, to } = range;
  if (from === 1 && !sameBytes(headOf(range, 0), known.seed)) return 0;
  for (const run of known.holding.runs) {
    if (run.to < from - 1 || run.from > to + 1) continue;
    if (run.from >= from && !sameBytes(run.prev, headOf(range, run.from - 1))) return run.from - 1;
    const at = lastComparable(Math.max(run.from, from) - 1, Math.min(run.to, to), known);
    if (at && !sameBytes(at.head, headOf(range, at.n))) return at.n;
  }
  return undefined;
}

/** The highest n of the span whose held head is known. It is the end of the span but where that lies in a gap. */
function lastComparable(lowest: number, highest: number, known: KnownEpoch): { n: number; head: Uint8Array } | undefined {
  for (let n = highest; n >= lowest; n--) {
    const head = heldHead(n, known);
    if (head) return { n, head };
  }
  return undefined;
}

/** Few ranges are asked for more than their ends. */
function headOf(range: ProvenRange, n: number): Uint8Array {
  const { from, to } = range;
  if (n === from - 1) return range.prev;
  const head = n === to ? range.head : range.heads[n - from + 1];
  if (!head) throw new RangeError(`the head of ${n} is not among those of a range from ${from}`);
  return head;
}
