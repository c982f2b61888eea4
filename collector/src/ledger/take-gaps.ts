import { type GapRecord, type Refusal, type Result, sameBytes } from '@farola/shared';
import { BRANCH_LIMIT, branchId, branchIds, isFirstBranch } from '../branch-id.js';
import type { EpochHolding } from './epoch-holding.js';
import { HeldChain, type HeldByLcu } from './held-by-lcu.js';
import type { HeldRange } from './held-range.js';
import type { JudgedDelivery } from './judge-delivery.js';
import { judgeGap, type JudgedGap } from './judge-gap.js';
import { provenHead, type ProvenRange } from './judge-range.js';
import type { SharedRange, ToldHead } from './ledger.js';
import { sharedSpans } from './shared-spans.js';

/** A gap record as the range that it adds. */
export function rangeOf([, from, to, prev, head]: GapRecord): HeldRange {
  return { from, to, prev, head };
}

interface TakenGap extends JudgedGap {
  readonly id: Uint8Array;
  readonly shares: readonly SharedRange[];
}

/** Takes the gaps of one answer, each held against what is stored with its range and the gaps before. */
export class GapTaker {
  readonly #lcuId: string;
  readonly #range: ProvenRange;
  readonly #held: HeldByLcu;
  readonly #ends: ToldHead[] = [];
  #judged: JudgedDelivery;

  constructor(lcuId: string, range: ProvenRange, judged: JudgedDelivery, held: HeldByLcu) {
    this.#lcuId = lcuId;
    this.#range = range;
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
    const placed = this.#place(gap);
    const { gaps, told, shares, forks } = this.#judged;
    if (!placed.ok) {
      if (placed.code !== 'chain-fork') return placed;
      this.#judged = { ...this.#judged, forks: [...forks, { epoch, facts: placed.facts }] };
      return undefined;
    }
    const { value } = placed;
    this.#judged = {
      ...this.#judged,
      gaps: [...gaps, ...value.gaps],
      told: [...told, ...value.told],
      shares: [...shares, ...value.shares],
    };
    this.#ends.push({ epoch, n: from - 1, head: prev }, { epoch, n: to, head });
    return undefined;
  }

  /** An answer is of one unit: all that it says of an epoch goes to one chain. */
  #place(gap: GapRecord): Result<TakenGap> {
    const [epoch] = gap;
    const count = this.#held.branchesOf(epoch);
    const told = this.#unitTold(epoch);
    let refusal: Refusal | undefined;
    for (const id of told ?? [...(this.#held.unitOf(epoch) ?? []), ...branchIds(epoch, count)]) {
      const judged = this.#judgeOn(id, gap);
      if (judged.ok || judged.code !== 'chain-fork') return judged;
      refusal ??= judged;
    }
    if (!refusal) throw new TypeError('an epoch has a chain');
    if (told || count >= BRANCH_LIMIT) return refusal;
    const id = branchId(epoch, count);
    const begun = this.#judgeOn(id, gap);
    if (!begun.ok) return begun;
    const { units, forks } = this.#judged;
    const fork = { epoch, facts: refusal.facts };
    this.#judged = { ...this.#judged, units: [...units, { epoch, ids: [id] }], forks: [...forks, fork] };
    return begun;
  }

  /** The chain of which this very answer showed its unit to be. */
  #unitTold(epoch: Uint8Array): readonly Uint8Array[] | undefined {
    const { id, units } = this.#judged;
    if (sameBytes(epoch, this.#range.epoch)) return [id];
    return units.find((unit) => sameBytes(unit.epoch, epoch))?.ids;
  }

  #judgeOn(id: Uint8Array, gap: GapRecord): Result<TakenGap> {
    const [epoch, from, to, prev, head, reason] = gap;
    let holding = this.#heldWithAnswer(id);
    const shares: SharedRange[] = [];
    const ends = [
      { n: from - 1, told: prev },
      { n: to, told: head },
    ];
    if (!isFirstBranch(id)) {
      const first = new HeldChain(this.#lcuId, epoch, this.#held.holdingOf(epoch), this.#held);
      for (const { n, told } of ends) {
        const found = sharedSpans({ from: n, to: n, headAt: () => told }, first, holding);
        holding = holding.grownBy(found);
        shares.push(...found.map((range) => ({ id, ...range })));
      }
    }
    const said = (n: number): Uint8Array | undefined =>
      (sameBytes(epoch, this.#range.epoch) ? provenHead(this.#range, n) : undefined) ??
      this.#ends.find((end) => end.n === n && sameBytes(end.epoch, epoch))?.head;
    const judged = judgeGap([id, from, to, prev, head, reason], new HeldChain(this.#lcuId, id, holding, this.#held), said);
    return judged.ok ? { ok: true, value: { ...judged.value, id, shares } } : judged;
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
