import { chainSeed, type GapRecord, refuse, type Result, sameBytes } from '@farola/shared';
import type { EpochHolding } from './epoch-holding.js';
import type { KnownEpoch } from './held-head.js';
import { judgeGap } from './judge-gap.js';
import { type JudgedRange, judgeRange, type ProvenRange } from './judge-range.js';

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
}

/** What the ledger keeps of a delivery. */
export interface JudgedDelivery extends JudgedRange {
  /** The gaps that are new, cut to what is not held. */
  readonly gaps: readonly GapRecord[];
}

/**
 * Judges the range of an answer and then its gaps, each against what is held with the ones before it. Codes:
 * `chain-fork`, `message-invalid`.
 */
export function judgeDelivery({ lcuId, range, gaps }: Delivery, held: HeldByLcu): Result<JudgedDelivery> {
  const judged = judgeRange(range, new HeldEpoch(lcuId, range.epoch, held.holdingOf(range.epoch), held));
  if (!judged.ok) return judged;
  if (gaps.length === 0) return { ok: true, value: { ...judged.value, gaps } };

  const fresh: GapRecord[] = [];
  for (const gap of gaps) {
    const [epoch] = gap;
    const earlier = sameBytes(epoch, range.epoch) ? judged.value.adds : [];
    const before = [...earlier, ...fresh.filter((one) => sameBytes(one[0], epoch)).map(rangeOf)];
    const holding = before.reduce((grown, part) => grown.with(part), held.holdingOf(epoch));
    const parts = judgeGap(gap, new HeldEpoch(lcuId, epoch, holding, held));
    if (!parts.ok) return refuse(parts.code, parts.facts);
    fresh.push(...parts.value);
  }
  return { ok: true, value: { ...judged.value, gaps: fresh } };
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
}
