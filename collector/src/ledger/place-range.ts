import { type Facts, type Refusal, type Result, sameBytes } from '@farola/shared';
import { BRANCH_LIMIT, branchId, branchIds, isFirstBranch } from '../branch-id.js';
import { HeldChain, type HeldByLcu } from './held-by-lcu.js';
import { heldHead, type KnownEpoch } from './held-head.js';
import { type JudgedRange, judgeRange, provenHead, type ProvenRange } from './judge-range.js';
import type { SharedRange, ToldHead } from './ledger.js';
import { sharedSpans } from './shared-spans.js';

/** Which chains of a forked epoch a unit can be of, by what its answer shows. */
export interface UnitChains {
  readonly epoch: Uint8Array;
  /** One at least. */
  readonly ids: readonly Uint8Array[];
}

/** Where a range goes that is not of the only chain of its epoch, and what of it is new there. */
export interface PlacedRange extends JudgedRange {
  /** Of the chain. */
  readonly id: Uint8Array;
  /** What the chain is now known to share with the first. */
  readonly shares: readonly SharedRange[];
  /** The head by which a branch is known that begins without entries. */
  readonly told: readonly ToldHead[];
  readonly unit: UnitChains;
  /** Facts of `chain-fork`, where the range begins a branch. */
  readonly fork: Facts | undefined;
}

interface Fit extends Pick<PlacedRange, 'id' | 'shares'>, JudgedRange {
  /** Whether a head that is known of the chain is also one of the range, and nothing that is known of it can be of another. */
  readonly joins: boolean;
}

/**
 * Finds the chain of its epoch that a range belongs to: that which its unit showed to be of, or else one that it joins by a
 * known head. A range that contradicts all begins a branch, and one that contradicts its unit's and joins no other. Of any other
 * nothing is new: it might be of any chain that it does not contradict, and is asked again when its unit has shown which. Code:
 * `chain-fork`, when there is no room for one more branch, or when it contradicts the beginning that all have.
 */
export function placeRange(range: ProvenRange, lcuId: string, held: HeldByLcu): Result<PlacedRange> {
  const { epoch } = range;
  const count = held.branchesOf(epoch);
  const all = branchIds(epoch, count);
  const fits: Fit[] = [];
  let refusal: Refusal | undefined;
  for (const id of all) {
    const judged = judgeOn(id, range, lcuId, held);
    if (judged.ok) fits.push(judged.value);
    else refusal ??= judged;
  }
  const known = held.unitOf(epoch) ?? all;
  const own = fits.filter(({ id }) => known.some((one) => sameBytes(one, id)));
  const [shown] = known.length === 1 ? own : [];
  if (shown) return { ok: true, value: placed(shown, [shown.id], epoch) };
  for (const among of [own, fits]) {
    const joined = among.filter(({ joins }) => joins);
    if (joined[0]) return { ok: true, value: placed(joined[0], idsOf(joined), epoch) };
  }
  const isKnownToDiffer = fits.length === 0 || known.length === 1;
  if (refusal && isKnownToDiffer && (count < BRANCH_LIMIT || fits.length === 0)) {
    return count < BRANCH_LIMIT ? begin(branchId(epoch, count), range, refusal, lcuId, held) : refusal;
  }
  const [left] = own.length > 0 ? own : fits;
  if (!left) throw new TypeError('a range that fits nowhere contradicts something');
  return { ok: true, value: placed(nothingOf(left, range), fits.length > 1 ? idsOf(fits) : all, epoch) };
}

function placed(fit: Fit, ids: readonly Uint8Array[], epoch: Uint8Array): PlacedRange {
  return { ...fit, told: NONE, unit: { epoch, ids }, fork: undefined };
}

function idsOf(fits: readonly Fit[]): readonly Uint8Array[] {
  return fits.map(({ id }) => id);
}

/** The range is kept as proof, and nothing of it as stored. */
function nothingOf(fit: Fit, { to, head }: ProvenRange): Fit {
  return { ...fit, first: to + 1, base: head, adds: NONE, shares: NONE };
}

function begin(id: Uint8Array, range: ProvenRange, { facts }: Refusal, lcuId: string, held: HeldByLcu): Result<PlacedRange> {
  const judged = judgeOn(id, range, lcuId, held);
  if (!judged.ok) return judged;
  const { epoch, to, head } = range;
  const told = judged.value.adds.length === 0 ? [{ epoch: id, n: to, head }] : [];
  return { ok: true, value: { ...judged.value, told, unit: { epoch, ids: [id] }, fork: facts } };
}

function judgeOn(id: Uint8Array, range: ProvenRange, lcuId: string, held: HeldByLcu): Result<Fit> {
  const holding = held.holdingOf(id);
  const shares = isFirstBranch(id)
    ? NONE
    : sharedSpans(
        { from: range.from - 1, to: range.to, headAt: (n) => provenHead(range, n) },
        new HeldChain(lcuId, range.epoch, held.holdingOf(range.epoch), held),
        holding,
      );
  const known = new HeldChain(lcuId, id, holding.grownBy(shares), held);
  const judged = judgeRange(range, known);
  if (!judged.ok) return judged;
  const shared = shares.map((one) => ({ id, ...one }));
  return { ok: true, value: { ...judged.value, id, shares: shared, joins: joins(range, known) } };
}

const NONE: readonly never[] = [];

/**
 * Whether a range that does not contradict a chain goes on from it, or lies in it. It must tell a head that is known of the
 * chain, beyond that of the beginning. Where the chain has more behind the range, that head must be the last of the range: two
 * units can share what lies below a hole, and only one of them what lies above.
 */
function joins(range: ProvenRange, known: KnownEpoch): boolean {
  const { from, to } = range;
  const { holding } = known;
  const lowest = Math.max(1, from - 1);
  const told = known.tellsOutside ? known.detail(lowest, Number.MAX_SAFE_INTEGER).told : NONE;
  const isLast = holding.last <= to && told.every(({ n }) => n <= to);
  if (!isLast) return to > 0 && (heldHead(to, known) !== undefined || told.some(({ n }) => n === to));
  return told.some(({ n }) => n >= from - 1) || holding.runs.some((run) => lowest <= run.to && run.from - 1 <= to);
}
