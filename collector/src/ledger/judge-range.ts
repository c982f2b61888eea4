import { ISLAND_LIMIT, refuse, type Result, sameBytes, toHex } from '@farola/shared';
import type { EpochHolding } from './epoch-holding.js';
import { heldHead, type KnownEpoch } from './held-head.js';
import type { HeldRange } from './held-range.js';
import type { HeldDetail } from './ledger.js';
import { clip, type Span, without } from './spans.js';

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
  /** The parts that are new, ascending: each is held not at all, or covered by gaps alone. */
  readonly adds: readonly HeldRange[];
}

const NO_DETAIL: HeldDetail = { told: [], byteless: [], shared: [] };

/**
 * Whether a proven range agrees with what is held of its epoch, and what of it is new: also what came before as a gap,
 * without bytes. An epoch begins at its seed; wherever a head is known, whoever told it, it must be that of the range. The
 * head at the end of entries with bytes proves all of them, since no two are known with one SHA-256. A part that would be
 * one island too many is left out: it comes again once holes are filled. Code: `chain-fork`, with an `n` whose heads
 * differ as the fact `at`.
 */
export function judgeRange(range: ProvenRange, known: KnownEpoch): Result<JudgedRange> {
  const { epoch, from, to } = range;
  const isDetailed = isHeldInside(range, known.holding) || known.tellsOutside;
  const detail = isDetailed ? known.detail(Math.max(1, from - 1), to + 1) : NO_DETAIL;
  const at = contradiction(range, known, detail);
  if (at !== undefined) return refuse('chain-fork', { from, to, epoch: toHex(epoch), at });
  const missing = withinIslandLimit(known.holding, asHeld(known.holding.missing(from, to), range));
  const byteless = detail === NO_DETAIL ? [] : asHeld(clip(detail.byteless, from, to), range);
  const adds = byteless.length === 0 ? missing : [...missing, ...byteless].sort((a, b) => a.from - b.from);
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

function asHeld(parts: readonly Span[], range: ProvenRange): HeldRange[] {
  return parts.map(({ from, to }) => ({ from, to, prev: headOf(range, from - 1), head: headOf(range, to) }));
}

function isHeldInside(range: ProvenRange, { runs }: EpochHolding): boolean {
  for (const run of runs) if (overlaps(run, range)) return true;
  return false;
}

/** Whether a run holds more of a range, or on both sides of an empty one, than the head where the two meet. */
function overlaps(run: Span, range: Span): boolean {
  return run.from <= range.to && run.to >= range.from;
}

/** An n whose head is known and is another than that of the range. */
function contradiction(range: ProvenRange, known: KnownEpoch, { told, byteless }: HeldDetail): number | undefined {
  const { from, to } = range;
  if (from === 1 && differs(range, 0, known.seed)) return 0;
  for (const { n, head } of told) if (n >= from - 1 && n <= to && differs(range, n, head)) return n;
  for (const run of known.holding.runs) {
    if (run.to < from - 1 || run.from > to + 1) continue;
    if (run.from >= from && differs(range, run.from - 1, run.prev)) return run.from - 1;
    if (run.to <= to && differs(range, run.to, run.head)) return run.to;
    if (!overlaps(run, range)) continue;
    for (const stretch of without(clip([run], from - 1, to + 1), byteless)) {
      const at = lastComparable(Math.max(stretch.from, from) - 1, Math.min(stretch.to, to), known);
      if (at && differs(range, at.n, at.head)) return at.n;
    }
  }
  return undefined;
}

/** The highest n of the span whose held head is known: its end, unless the file that holds the bytes is gone. */
function lastComparable(lowest: number, highest: number, known: KnownEpoch): { n: number; head: Uint8Array } | undefined {
  for (let n = highest; n >= lowest; n--) {
    const head = heldHead(n, known);
    if (head) return { n, head };
  }
  return undefined;
}

function differs(range: ProvenRange, n: number, head: Uint8Array): boolean {
  return !sameBytes(head, headOf(range, n));
}

/** h(n) as a range proves it; undefined where it does not. Few ranges are asked for more than their ends. */
export function provenHead(range: ProvenRange, n: number): Uint8Array | undefined {
  const { from, to, prev, head } = range;
  if (n < from - 1 || n > to) return undefined;
  return n === from - 1 ? prev : n === to ? head : range.heads[n - from + 1];
}

function headOf(range: ProvenRange, n: number): Uint8Array {
  const head = provenHead(range, n);
  if (!head) throw new RangeError(`the head of ${n} is not among those of a range from ${range.from}`);
  return head;
}
