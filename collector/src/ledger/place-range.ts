import type { Facts, Refusal, Result } from '@farola/shared';
import { BRANCH_LIMIT, branchId, branchIds, isFirstBranch } from '../branch-id.js';
import { HeldChain, type HeldByLcu } from './held-by-lcu.js';
import type { KnownEpoch } from './held-head.js';
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
  /** Whether a head that is known of the chain is also one of the range. */
  readonly touches: boolean;
}

/**
 * Finds the chain of its epoch that a range belongs to: the one that it does not contradict. Where several are left, that
 * which it meets, and else the first of them. A range that contradicts all begins a branch. Code: `chain-fork`, when there
 * is no room for one more, or when it contradicts the beginning that all have.
 */
export function placeRange(range: ProvenRange, lcuId: string, held: HeldByLcu): Result<PlacedRange> {
  const { epoch } = range;
  const count = held.branchesOf(epoch);
  const all = branchIds(epoch, count);
  let refusal: Refusal | undefined;
  for (const ids of [held.unitOf(epoch) ?? all, all]) {
    const fits: Fit[] = [];
    for (const id of ids) {
      const judged = judgeOn(id, range, lcuId, held);
      if (judged.ok) fits.push(judged.value);
      else refusal ??= judged;
    }
    const [chosen] = fits;
    if (chosen) return { ok: true, value: choose(chosen, fits, epoch) };
  }
  if (!refusal) throw new TypeError('a range that fits nowhere contradicts something');
  return count < BRANCH_LIMIT ? begin(branchId(epoch, count), range, refusal, lcuId, held) : refusal;
}

/** A unit is taken for one of the chain in which its entries are stored: what comes next of it goes on there. */
function choose(first: Fit, fits: readonly Fit[], epoch: Uint8Array): PlacedRange {
  const met = fits.filter(({ touches }) => touches);
  const chosen = met[0] ?? first;
  const isTold = fits.length === 1 || met.length === 1 || chosen.adds.length > 0;
  const left = met.length > 1 ? met : fits;
  const unit = { epoch, ids: isTold ? [chosen.id] : left.map(({ id }) => id) };
  return { ...chosen, told: [], unit, fork: undefined };
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
  return { ok: true, value: { ...judged.value, id, shares: shared, touches: touches(range, known) } };
}

const NONE: readonly never[] = [];

/** Of a range that does not contradict a chain, whether both tell a head beyond that of the beginning. */
function touches({ from, to }: ProvenRange, known: KnownEpoch): boolean {
  const meets = known.holding.runs.some((run) => Math.max(from - 1, run.from - 1, 1) <= Math.min(to, run.to));
  return meets || (known.tellsOutside && known.detail(Math.max(1, from - 1), to).told.some(({ n }) => n >= from - 1 && n <= to));
}
