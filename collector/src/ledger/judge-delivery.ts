import { chainSeed, type Facts, type GapRecord, type Result, sameBytes } from '@farola/shared';
import type { EpochHolding } from './epoch-holding.js';
import type { KnownEpoch } from './held-head.js';
import { judgeGap } from './judge-gap.js';
import { type JudgedRange, judgeRange, provenHead, type ProvenRange } from './judge-range.js';
import type { HeldDetail, ToldHead } from './ledger.js';

/** What one answer delivers: a range with its entries, and gaps of any epoch without. */
export interface Delivery {
  readonly lcuId: string;
  readonly range: ProvenRange;
  readonly gaps: readonly GapRecord[];
}

/** What is stored of one LCU. */
export interface HeldByLcu {
  readonly holdingOf: (epoch: Uint8Array) => EpochHolding;
  readonly headAt: (epoch: Uint8Array, n: number) => Uint8Array | undefined;
  readonly detail: (epoch: Uint8Array, from: number, to: number) => HeldDetail;
}

/** A gap record that contradicts what is known of its epoch. */
export interface ForkedGap {
  readonly epoch: Uint8Array;
  /** Of `chain-fork`. */
  readonly facts: Facts;
}

/** What the ledger keeps of a delivery. */
export interface JudgedDelivery extends JudgedRange {
  /** The gaps that are new, cut to what is not held. */
  readonly gaps: readonly GapRecord[];
  /** Ends of gaps inside what is held. */
  readonly told: readonly ToldHead[];
  /** The gaps that are not taken, since they contradict: the LCU tells them with every answer, also with good ranges. */
  readonly forks: readonly ForkedGap[];
}

/**
 * Judges the range of an answer and then its gaps, each against what is held with the ones before it. Codes, of the
 * range: `chain-fork`; of a gap that is none: `message-invalid`.
 */
export function judgeDelivery({ lcuId, range, gaps }: Delivery, held: HeldByLcu): Result<JudgedDelivery> {
  const judged = judgeRange(range, new HeldEpoch(lcuId, range.epoch, held.holdingOf(range.epoch), held));
  if (!judged.ok) return judged;
  if (gaps.length === 0) return { ok: true, value: withoutGaps(judged.value) };
  const gapsTaken = judgeGaps({ lcuId, range, gaps }, judged.value, held);
  return gapsTaken.ok ? { ok: true, value: { ...judged.value, ...gapsTaken.value } } : gapsTaken;
}

/** Most answers have none: they share this. */
const NONE: readonly never[] = [];

function withoutGaps({ first, base, adds }: JudgedRange): JudgedDelivery {
  return { first, base, adds, gaps: NONE, told: NONE, forks: NONE };
}

function judgeGaps(
  { lcuId, range, gaps }: Delivery,
  { adds }: JudgedRange,
  held: HeldByLcu,
): Result<Pick<JudgedDelivery, 'gaps' | 'told' | 'forks'>> {
  const taken = { gaps: [] as GapRecord[], told: [] as ToldHead[], forks: [] as ForkedGap[] };
  const ends: ToldHead[] = [];
  for (const gap of gaps) {
    const [epoch, from, to, prev, head] = gap;
    const isSame = (one: Uint8Array): boolean => sameBytes(one, epoch);
    const before = [...(isSame(range.epoch) ? adds : []), ...taken.gaps.filter(([of]) => isSame(of)).map(rangeOf)];
    const known = new HeldEpoch(lcuId, epoch, held.holdingOf(epoch).grownBy(before), held);
    const said = (n: number): Uint8Array | undefined =>
      (isSame(range.epoch) ? provenHead(range, n) : undefined) ?? ends.find((end) => end.n === n && isSame(end.epoch))?.head;
    const judged = judgeGap(gap, known, said);
    if (!judged.ok && judged.code !== 'chain-fork') return judged;
    if (!judged.ok) {
      taken.forks.push({ epoch, facts: judged.facts });
      continue;
    }
    taken.gaps.push(...judged.value.gaps);
    taken.told.push(...judged.value.told);
    ends.push({ epoch, n: from - 1, head: prev }, { epoch, n: to, head });
  }
  return { ok: true, value: taken };
}

/** A gap record as the range that it adds. */
export function rangeOf([, from, to, prev, head]: GapRecord): { from: number; to: number; prev: Uint8Array; head: Uint8Array } {
  return { from, to, prev, head };
}

/** Its seed is computed where it is asked: few ranges begin at entry 1. */
class HeldEpoch implements KnownEpoch {
  readonly holding: EpochHolding;
  readonly #lcuId: string;
  readonly #epoch: Uint8Array;
  readonly #held: HeldByLcu;

  constructor(lcuId: string, epoch: Uint8Array, holding: EpochHolding, held: HeldByLcu) {
    this.#lcuId = lcuId;
    this.#epoch = epoch;
    this.holding = holding;
    this.#held = held;
  }

  get seed(): Uint8Array {
    return chainSeed(this.#lcuId, this.#epoch);
  }

  headAt(n: number): Uint8Array | undefined {
    return this.#held.headAt(this.#epoch, n);
  }

  detail(from: number, to: number): HeldDetail {
    return this.#held.detail(this.#epoch, from, to);
  }
}
