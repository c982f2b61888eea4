import { chainSeed } from '@farola/shared';
import { epochOf, isFirstBranch } from '../branch-id.js';
import type { EpochHolding } from './epoch-holding.js';
import type { KnownEpoch } from './held-head.js';
import type { HeldDetail } from './ledger.js';
import type { UnitChains } from './place-range.js';

/** What is stored of one LCU. Chains are asked by their ids (branch-id.ts): the first of an epoch by the epoch. */
export interface HeldByLcu {
  readonly holdingOf: (id: Uint8Array) => EpochHolding;
  readonly headAt: (id: Uint8Array, n: number) => Uint8Array | undefined;
  readonly detail: (id: Uint8Array, from: number, to: number) => HeldDetail;
  /** How many chains of an epoch are stored; 1 of one that is not forked, or not known. */
  readonly branchesOf: (epoch: Uint8Array) => number;
  /** Whether one more chain of an epoch may begin now. */
  readonly mayBegin: (epoch: Uint8Array) => boolean;
  /** Whether more of a chain may be told as gone. */
  readonly takesGaps: (id: Uint8Array) => boolean;
  /** What the unit that answers showed of the chains of an epoch before; undefined: nothing. */
  readonly unitOf: (epoch: Uint8Array) => Pick<UnitChains, 'ids' | 'out'> | undefined;
}

/** One chain as it is stored. Its seed is computed where it is asked: few ranges begin at entry 1. */
export class HeldChain implements KnownEpoch {
  /** Its id. */
  readonly id: Uint8Array;
  readonly holding: EpochHolding;
  readonly #lcuId: string;
  readonly #held: HeldByLcu;

  /** @param holding what is stored, or will be with what was judged before */
  constructor(lcuId: string, id: Uint8Array, holding: EpochHolding, held: HeldByLcu) {
    this.#lcuId = lcuId;
    this.id = id;
    this.holding = holding;
    this.#held = held;
  }

  get seed(): Uint8Array {
    return chainSeed(this.#lcuId, epochOf(this.id));
  }

  get tellsOutside(): boolean {
    return !isFirstBranch(this.id);
  }

  headAt(n: number): Uint8Array | undefined {
    return this.#held.headAt(this.id, n);
  }

  detail(from: number, to: number): HeldDetail {
    return this.#held.detail(this.id, from, to);
  }
}
