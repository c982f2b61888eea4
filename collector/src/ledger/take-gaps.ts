import { type GapRecord, refuse, type Refusal, type Result, sameBytes } from '@farola/shared';
import { branchId, branchIds } from '../branch-id.js';
import type { EpochHolding } from './epoch-holding.js';
import { HeldChain, type HeldByLcu } from './held-by-lcu.js';
import { heldHead, type KnownEpoch } from './held-head.js';
import type { HeldRange } from './held-range.js';
import type { Delivery, JudgedDelivery } from './judge-delivery.js';
import { judgeGap, type JudgedGap } from './judge-gap.js';
import { provenHead } from './judge-range.js';
import type { SharedRange, ToldHead } from './ledger.js';
import { isIn, judgeOnEach, NOT_SHOWN, type UnitChains, without } from './place-range.js';
import { sharedWithAll } from './shared-spans.js';

/** A gap record as the range that it adds. */
export function rangeOf([, from, to, prev, head]: GapRecord): HeldRange {
  return { from, to, prev, head };
}

/** What is taken of a gap in one chain. */
interface TakenGap extends JudgedGap {
  readonly shares: readonly SharedRange[];
}

/** A gap that does not contradict a chain. */
interface Fit extends TakenGap {
  readonly chain: Uint8Array;
  /** Whether an end of it is known of the chain, and nothing that is known of that can be of another. */
  readonly joins: boolean;
}

/** What is taken, which chains its unit can be of, and what that contradicts; neither where the gap waits. */
interface PlacedGap {
  readonly taken: TakenGap;
  readonly unit: UnitChains | undefined;
  readonly fork: Refusal | undefined;
}

/**
 * Takes the gaps of one answer, each held against what is stored with its range and the gaps before. In a forked epoch they go
 * where ranges would (place-range.ts): to the chain that the unit showed to be of, or one that they join by an end, else to a new
 * one. One that might be of several waits, and is told again, while the LCU has entries by which it can be asked.
 */
export class GapTaker {
  readonly #delivery: Delivery;
  readonly #held: HeldByLcu;
  readonly #ends: ToldHead[] = [];
  #judged: JudgedDelivery;

  constructor(delivery: Delivery, judged: JudgedDelivery, held: HeldByLcu) {
    this.#delivery = delivery;
    this.#judged = judged;
    this.#held = held;
  }

  /** The range with the gaps that were taken. */
  get judged(): JudgedDelivery {
    return this.#judged;
  }

  /** Takes one; one that contradicts what this unit told, or that is of a branch too many, is noted as a fork. Code: `message-invalid`. */
  take(gap: GapRecord): Refusal | undefined {
    const [epoch, from, to, prev, head] = gap;
    if (from < 1 || to < from) return refuse('message-invalid', { kind: 'answer', reason: `gap of ${from} to ${to}` });
    const placed = this.#place(gap);
    const { gaps, told, shares, units, forks } = this.#judged;
    if (!placed.ok) {
      this.#judged = { ...this.#judged, forks: [...forks, { epoch, facts: placed.facts }] };
      return undefined;
    }
    const { taken, unit, fork } = placed.value;
    this.#judged = {
      ...this.#judged,
      gaps: [...gaps, ...taken.gaps],
      told: [...told, ...taken.told],
      shares: [...shares, ...taken.shares],
      units: unit ? [...units, unit] : units,
      forks: fork ? [...forks, { epoch, facts: fork.facts }] : forks,
    };
    if (taken !== NOTHING) this.#ends.push({ epoch, n: from - 1, head: prev }, { epoch, n: to, head });
    return undefined;
  }

  #place(gap: GapRecord): Result<PlacedGap> {
    const [epoch] = gap;
    const all = branchIds(epoch, this.#held.branchesOf(epoch));
    const now = this.#shownNow(epoch);
    const { ids, out } = now ?? this.#held.unitOf(epoch) ?? NOT_SHOWN;
    const isTold = now?.ids.length === 1;
    const { fits, refusal, contradicted } = judgeOnEach(isTold ? ids : without(all, out), (id) => this.#judgeOn(id, gap));
    if (isTold && refusal) return refusal;
    const shown = fits.filter(({ chain }) => isIn(chain, ids));
    const own = all.length === 1 ? fits[0] : ids.length === 1 ? shown[0] : undefined;
    if (own) return taken(own);
    const unit: UnitChains = { epoch, ids: NONE, out: [...out, ...contradicted] };
    for (const among of [shown, fits]) {
      const joined = among.filter(({ joins }) => joins);
      if (joined[0]) return taken(joined[0], { ...unit, ids: joined.map(({ chain }) => chain) });
    }
    const belongsNowhere = fits.length === 0 || (ids.length === 1 && !shown[0]) || !this.#canBeAsked(epoch);
    if (belongsNowhere && this.#held.mayBegin(epoch)) return this.#begin(gap, branchId(epoch, all.length), unit, refusal);
    return fits.length === 0 && refusal ? refusal : taken(NOTHING);
  }

  #begin(gap: GapRecord, id: Uint8Array, unit: UnitChains, fork: Refusal | undefined): Result<PlacedGap> {
    const begun = this.#judgeOn(id, gap);
    return begun.ok ? taken(begun.value, { ...unit, ids: [id] }, fork) : begun;
  }

  /** What this very answer showed of its unit: an answer is of one. */
  #shownNow(epoch: Uint8Array): Pick<UnitChains, 'ids' | 'out'> | undefined {
    const { id, units } = this.#judged;
    const unit = units.findLast((one) => sameBytes(one.epoch, epoch));
    return unit ?? (sameBytes(epoch, this.#delivery.range.epoch) ? { ids: [id], out: NONE } : undefined);
  }

  /** Whether the LCU lists entries of an epoch, that tell which of its chains is theirs. */
  #canBeAsked(epoch: Uint8Array): boolean {
    return this.#delivery.openEpochs.some(([one, first, last]) => first <= last && sameBytes(one, epoch));
  }

  #judgeOn(id: Uint8Array, gap: GapRecord): Result<Fit> {
    const [epoch, from, to, prev, head, reason] = gap;
    const { lcuId, range } = this.#delivery;
    const shares: SharedRange[] = [];
    let holding = this.#heldWithAnswer(id);
    const before = new HeldChain(lcuId, id, holding, this.#held);
    for (const end of [
      { n: from - 1, told: prev },
      { n: to, told: head },
    ]) {
      const told = { from: end.n, to: end.n, headAt: () => end.told };
      const found = sharedWithAll(told, { id, holding }, lcuId, this.#held);
      holding = holding.grownBy(found);
      shares.push(...found);
    }
    const said = (n: number): (Uint8Array | undefined)[] => [
      sameBytes(epoch, range.epoch) ? provenHead(range, n) : undefined,
      this.#ends.find((end) => end.n === n && sameBytes(end.epoch, epoch))?.head,
      ...shares.map((share) => this.#headIn(share, n)),
    ];
    const judged = judgeGap([id, from, to, prev, head, reason], new HeldChain(lcuId, id, holding, this.#held), said);
    if (!judged.ok) return judged;
    const { gaps, told } = this.#held.takesGaps(id) ? judged.value : NOTHING;
    return { ok: true, value: { gaps, told, shares, chain: id, joins: joins(gap, before) } };
  }

  /** h(n) of what a branch is to share, which is not stored as its own yet. */
  #headIn({ source, from, to }: SharedRange, n: number): Uint8Array | undefined {
    if (n < from - 1 || n > to) return undefined;
    return heldHead(n, new HeldChain(this.#delivery.lcuId, source, this.#held.holdingOf(source), this.#held));
  }

  #heldWithAnswer(id: Uint8Array): EpochHolding {
    const { id: ofRange, adds, shares, gaps } = this.#judged;
    return this.#held
      .holdingOf(id)
      .grownBy(shares.filter((one) => sameBytes(one.id, id)))
      .grownBy(sameBytes(ofRange, id) ? adds : [])
      .grownBy(gaps.filter(([of]) => sameBytes(of, id)).map(rangeOf));
  }
}

const NONE: readonly never[] = [];
const NOTHING: TakenGap = { gaps: [], told: [], shares: [] };

function taken(gap: TakenGap, unit?: UnitChains, fork?: Refusal): Result<PlacedGap> {
  return { ok: true, value: { taken: gap, unit, fork } };
}

/**
 * Whether a gap that does not contradict a chain goes on from it, or ends in it: where the chain has more behind the gap, its end
 * must be known there. The beginning that all chains have tells nothing.
 */
function joins([, from, to]: GapRecord, known: KnownEpoch): boolean {
  const told = known.tellsOutside ? known.detail(Math.max(1, from - 1), Number.MAX_SAFE_INTEGER).told : [];
  const isKnown = (n: number): boolean => heldHead(n, known) !== undefined || told.some((one) => one.n === n);
  const isLast = known.holding.last <= to && told.every(({ n }) => n <= to);
  return isKnown(to) || (isLast && from > 1 && isKnown(from - 1));
}
