import { sameBytes } from '@farola/shared';
import { branchOf, epochOf, isFirstBranch } from '../branch-id.js';
import type { EpochHolding } from './epoch-holding.js';
import type { Ledger } from './ledger.js';
import type { HeldRange } from './held-range.js';
import { clip, type Span, without } from './spans.js';

/** Chains of one LCU that are kept in memory; the one used longest ago goes first. */
const CHAINS_PER_LCU = 64;
/**
 * Spans without bytes of a chain, each of a gap record, from which on it takes no more of these: what is asked of the ledger would
 * grow with each. An honest LCU has one or two.
 */
export const BYTELESS_LIMIT = 1024;
/** So many are kept: of those that an answer tells, the last may go beyond. More, of a ledger of before, are asked each time. */
const SPANS_KEPT = 2 * BYTELESS_LIMIT;

/** What is stored of a chain. */
export interface KeptChain {
  readonly holding: EpochHolding;
  /** Chains of its epoch, where it is the first: 1 of an epoch that is not forked. */
  readonly branches: number;
}

interface KnownChain extends KeptChain {
  readonly id: Uint8Array;
  holding: EpochHolding;
  branches: number;
  /** What only gap records cover; undefined where that is too much to keep. */
  byteless: readonly Span[] | undefined;
}

const NONE: readonly never[] = [];

function keepable(spans: readonly Span[]): readonly Span[] | undefined {
  return spans.length <= SPANS_KEPT ? spans : undefined;
}

/** What is stored of each chain, kept in memory while its LCU is connected. Only committed ranges get in. */
export class Holdings {
  readonly #ledger: Pick<Ledger, 'holding' | 'branches' | 'detail'>;
  /** The chain used last stands last. */
  readonly #byLcu = new Map<number, KnownChain[]>();

  constructor(ledger: Pick<Ledger, 'holding' | 'branches' | 'detail'>) {
    this.#ledger = ledger;
  }

  /** What is stored of a chain, by its id (branch-id.ts). */
  of(lcuNo: number, id: Uint8Array): EpochHolding {
    return this.kept(lcuNo, id).holding;
  }

  /** As `of`, with the number of chains. */
  kept(lcuNo: number, id: Uint8Array): KeptChain {
    return this.#known(lcuNo, id);
  }

  /** The parts of a chain that only gap records cover, ascending. */
  byteless(lcuNo: number, id: Uint8Array, from: number, to: number): readonly Span[] {
    const { byteless } = this.#known(lcuNo, id);
    if (!byteless) return this.#ledger.detail(lcuNo, id, from, to).byteless;
    return byteless.length === 0 ? NONE : clip(byteless, from, to);
  }

  /** Whether more of a chain may be told as gone. */
  takesGaps(lcuNo: number, id: Uint8Array): boolean {
    return (this.#known(lcuNo, id).byteless?.length ?? Infinity) < BYTELESS_LIMIT;
  }

  #known(lcuNo: number, id: Uint8Array): KnownChain {
    const known = this.#find(lcuNo, id);
    if (known) return known;
    const holding = this.#ledger.holding(lcuNo, id);
    const branches = isFirstBranch(id) ? this.#ledger.branches(lcuNo, id) : 1;
    const { last } = holding;
    const byteless = last > 0 ? this.#ledger.detail(lcuNo, id, 1, last).byteless : NONE;
    const read: KnownChain = { id, holding, branches, byteless: keepable(byteless) };
    const chains = this.#byLcu.get(lcuNo);
    if (!chains) this.#byLcu.set(lcuNo, [read]);
    else if (chains.push(read) > CHAINS_PER_LCU) chains.shift();
    return read;
  }

  /** Takes committed ranges in. */
  add(lcuNo: number, id: Uint8Array, ranges: readonly HeldRange[]): void {
    const known = this.#find(lcuNo, id);
    if (known) known.holding = known.holding.grownBy(ranges);
    if (known?.byteless && known.byteless.length > 0) known.byteless = keepable(without(known.byteless, ranges));
    const first = isFirstBranch(id) ? undefined : this.#find(lcuNo, epochOf(id));
    if (first) first.branches = Math.max(first.branches, branchOf(id) + 1);
  }

  /** Takes in what was told as gone, and that is committed. */
  addGap(lcuNo: number, id: Uint8Array, range: HeldRange): void {
    this.add(lcuNo, id, [range]);
    const known = this.#find(lcuNo, id);
    if (known?.byteless) known.byteless = keepable(without([...known.byteless, { from: range.from, to: range.to }], NONE));
  }

  /** Forgets an LCU; its holdings are read again when it comes back. */
  forget(lcuNo: number): void {
    this.#byLcu.delete(lcuNo);
  }

  #find(lcuNo: number, id: Uint8Array): KnownChain | undefined {
    const chains = this.#byLcu.get(lcuNo);
    const newest = chains?.[chains.length - 1];
    if (!chains || !newest || sameBytes(newest.id, id)) return newest;
    const at = chains.findLastIndex((one) => sameBytes(one.id, id));
    if (at === -1) return undefined;
    chains.push(...chains.splice(at, 1));
    return chains[chains.length - 1];
  }
}
