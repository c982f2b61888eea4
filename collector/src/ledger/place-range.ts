import { type Facts, refuse, type Refusal, type Result, sameBytes, toHex } from '@farola/shared';
import { branchId, branchIds } from '../branch-id.js';
import type { EpochHolding } from './epoch-holding.js';
import { HeldChain, type HeldByLcu } from './held-by-lcu.js';
import { heldHead, type KnownEpoch } from './held-head.js';
import { type JudgedRange, judgeRange, provenHead, type ProvenRange } from './judge-range.js';
import type { SharedRange, ToldHead } from './ledger.js';
import { sharedWithAll, sharedWithFirst, type ToldChain } from './shared-spans.js';

/** Which chains of a forked epoch a unit can be of, by what its answers show. */
export interface UnitChains {
  readonly epoch: Uint8Array;
  /** Those that it joined: one that it is of, or several that have alike what it showed. None until it did. */
  readonly ids: readonly Uint8Array[];
  /** Those that it contradicted: it is of none of them, whatever they grow to. */
  readonly out: readonly Uint8Array[];
}

/** Where a range goes that is not of the only chain of its epoch, and what of it is new there. */
export interface PlacedRange extends JudgedRange {
  /** Of the chain. */
  readonly id: Uint8Array;
  /** What the chain is now known to share with others. */
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
 * known head. One that its unit has contradicted is none of them. A unit that contradicts all begins a branch, and one that could
 * not show by anything that it has that it is of one of the others. Otherwise nothing of the range is new: it might be of any
 * chain that it does not contradict, and is asked again when its unit has shown which. Code: `chain-fork`, when there is no room
 * for one more branch, or when it contradicts the beginning that all have.
 * @param canShow whether the LCU lists an entry whose head is known of a chain
 */
export function placeRange(
  range: ProvenRange,
  lcuId: string,
  held: HeldByLcu,
  canShow: (chain: KnownEpoch) => boolean,
): Result<PlacedRange> {
  const { epoch } = range;
  const all = branchIds(epoch, held.branchesOf(epoch));
  const { ids, out } = held.unitOf(epoch) ?? NOT_SHOWN;
  const { fits, refusal, contradicted } = judgeOnEach(without(all, out), (id) => judgeOn(id, range, lcuId, held));
  const unit: UnitChains = { epoch, ids: NONE, out: [...out, ...contradicted] };
  const shown = fits.filter(({ id }) => isIn(id, ids));
  for (const among of [ids.length === 1 ? shown : NONE, shown.filter(isJoined), fits.filter(isJoined)]) {
    const fit = leadingFurthest(among, ({ id, shares }) => held.holdingOf(id).grownBy(shares));
    if (fit) return placed(withAllShares(fit, range, lcuId, held), { ...unit, ids: among.map(({ id }) => id) });
  }
  const isToAsk = fits.some(({ id }) => canShow(new HeldChain(lcuId, id, held.holdingOf(id), held)));
  if (!isToAsk && held.mayBegin(epoch)) return begin(branchId(epoch, all.length), range, unit, refusal, lcuId, held);
  const [left] = fits;
  return left ? placed(nothingOf(left, range), unit) : (refusal ?? forkAgain(range));
}

/** What a unit is known by before its first answer of a forked epoch. */
export const NOT_SHOWN: Pick<UnitChains, 'ids' | 'out'> = { ids: [], out: [] };

/** Of chains that a unit may be of, the one that has most from the beginning without a hole: another can have one for ever. */
export function leadingFurthest<One>(among: readonly One[], holdingOf: (one: One) => EpochHolding): One | undefined {
  const [first, ...others] = among;
  if (first === undefined || others.length === 0) return first;
  return others.reduce((best, one) => (holdingOf(one).mark.n > holdingOf(best).mark.n ? one : best), first);
}

/** What was judged on each of some chains, and those that contradict, with the first refusal. */
export function judgeOnEach<Found>(
  ids: readonly Uint8Array[],
  judge: (id: Uint8Array) => Result<Found>,
): { readonly fits: readonly Found[]; readonly refusal: Refusal | undefined; readonly contradicted: readonly Uint8Array[] } {
  const fits: Found[] = [];
  const contradicted: Uint8Array[] = [];
  let refusal: Refusal | undefined;
  for (const id of ids) {
    const judged = judge(id);
    if (judged.ok) fits.push(judged.value);
    else {
      contradicted.push(id);
      refusal ??= judged;
    }
  }
  return { fits, refusal, contradicted };
}

/** Whether an id is among others. */
export function isIn(id: Uint8Array, ids: readonly Uint8Array[]): boolean {
  return ids.some((one) => sameBytes(one, id));
}

/** The ids that are not among others. */
export function without(ids: readonly Uint8Array[], others: readonly Uint8Array[]): readonly Uint8Array[] {
  return others.length === 0 ? ids : ids.filter((id) => !isIn(id, others));
}

function isJoined({ joins: joined }: Fit): boolean {
  return joined;
}

/** A unit that contradicted all chains before, and for which there was no room. */
function forkAgain({ epoch, from, to }: ProvenRange): Refusal {
  return refuse('chain-fork', { from, to, epoch: toHex(epoch), at: from });
}

function placed(fit: Fit, unit: UnitChains): Result<PlacedRange> {
  return { ok: true, value: { ...fit, told: NONE, unit, fork: undefined } };
}

/** The range is kept as proof, and nothing of it as stored. */
function nothingOf(fit: Fit, { to, head }: ProvenRange): Fit {
  return { ...fit, first: to + 1, base: head, adds: NONE, shares: NONE };
}

function begin(
  id: Uint8Array,
  range: ProvenRange,
  unit: UnitChains,
  refusal: Refusal | undefined,
  lcuId: string,
  held: HeldByLcu,
): Result<PlacedRange> {
  const judged = judgeOn(id, range, lcuId, held);
  if (!judged.ok) return judged;
  const { to, head } = range;
  const begun = withAllShares(judged.value, range, lcuId, held);
  const told = begun.adds.length === 0 ? [{ epoch: id, n: to, head }] : NONE;
  const { facts: fork } = refusal ?? forkAgain(range);
  return { ok: true, value: { ...begun, told, unit: { ...unit, ids: [id] }, fork } };
}

function judgeOn(id: Uint8Array, range: ProvenRange, lcuId: string, held: HeldByLcu): Result<Fit> {
  const holding = held.holdingOf(id);
  const shares = sharedWithFirst(toldBy(range), { id, holding }, lcuId, held);
  const known = new HeldChain(lcuId, id, holding.grownBy(shares), held);
  const judged = judgeRange(range, known);
  return judged.ok ? { ok: true, value: { ...judged.value, id, shares, joins: joins(range, known) } } : judged;
}

/** The chain that a range goes to, with what it shares with any other: only that of the first tells which chain it is. */
function withAllShares(fit: Fit, range: ProvenRange, lcuId: string, held: HeldByLcu): Fit {
  const { id } = fit;
  const holding = held.holdingOf(id);
  const shares = sharedWithAll(toldBy(range), { id, holding }, lcuId, held);
  const judged = judgeRange(range, new HeldChain(lcuId, id, holding.grownBy(shares), held));
  return judged.ok ? { ...fit, ...judged.value, shares } : fit;
}

function toldBy(range: ProvenRange): ToldChain {
  return { from: range.from - 1, to: range.to, headAt: (n) => provenHead(range, n) };
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
