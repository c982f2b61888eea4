import fc from 'fast-check';
import { type GapRecord, ISLAND_LIMIT, toHex } from '@farola/shared';
import { isFirstBranch } from '@farola/collector/branch-id.js';
import { judgeDelivery, type JudgedDelivery } from '@farola/collector/ledger/judge-delivery.js';
import type { Ledger } from '@farola/collector/ledger/ledger.js';
import { RECEIVED_AT_MS, testAnswer, testGap } from './test-answer.js';
import { TestChain } from './test-chain.js';

/** Entries of each branch. */
export const LAST = 100;
export const LCU_NO = 3;

/** Entries from..to of a branch: 0 is the chain, others part from it somewhere. */
export interface Stretch {
  readonly branch: number;
  readonly from: number;
  readonly to: number;
}

/** What one answer delivers, in which month of the ledger. */
export interface Delivered {
  readonly range: Stretch;
  readonly gaps: readonly Stretch[];
  readonly month: number;
}

/** Three chains of one epoch that part from each other at these entries. */
export function branchesAt([one, other]: readonly [number, number]): readonly TestChain[] {
  const chain = new TestChain().grow(LAST);
  return [chain, chain.forkAt(one), chain.forkAt(other)];
}

export const forks = fc.tuple(fc.integer({ min: 1, max: LAST }), fc.integer({ min: 1, max: LAST }));

export const stretches = fc
  .tuple(fc.nat(2), fc.integer({ min: 1, max: LAST }), fc.nat(25))
  .map(([branch, from, more]): Stretch => ({ branch, from, to: Math.min(LAST, from + more) }));

/** A range that delivers nothing, so that the gaps of its answer stand alone. */
export const NOTHING: Stretch = { branch: 0, from: 1, to: 0 };

export const deliveries = fc.array(
  fc
    .tuple(stretches, fc.array(stretches, { maxLength: 3 }), fc.nat(2))
    .map(([range, gaps, month]): Delivered => ({ range, gaps, month })),
  { minLength: 1, maxLength: 20 },
);

export function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** The entries whose heads a range tells. */
export function toldByRange({ from, to }: Stretch): number[] {
  return numbers(from - 1, to);
}

/** The entries whose heads a gap tells. */
export function toldByGap({ from, to }: Stretch): number[] {
  return [from - 1, to];
}

/** What a collector may know, as plainly as can be: who owns which n, and h(n) wherever it was ever told. */
export class Model {
  readonly owned = new Map<number, string>();
  readonly heads = new Map<number, string>();
  readonly #branches: readonly TestChain[];

  constructor(branches: readonly TestChain[]) {
    this.#branches = branches;
    this.heads.set(0, toHex(this.chainOf(0).seed));
  }

  chainOf(branch: number): TestChain {
    return this.#branches[branch] as TestChain;
  }

  /** Takes heads in, unless one of them is known otherwise; whether it did. */
  tell(branch: number, told: readonly number[]): boolean {
    const heads = told.map((n) => [n, toHex(this.chainOf(branch).head(n))] as const);
    if (heads.some(([n, head]) => this.heads.has(n) && this.heads.get(n) !== head)) return false;
    for (const [n, head] of heads) this.heads.set(n, head);
    return true;
  }

  own({ branch, from, to }: Stretch): void {
    const { entries } = this.chainOf(branch);
    for (const n of numbers(from, to)) {
      const before = this.owned.get(n);
      if (before === undefined || before === 'gap') this.owned.set(n, toHex(entries[n - 1] as Uint8Array));
    }
  }

  lack({ from, to }: Stretch): void {
    for (const n of numbers(from, to)) if (!this.owned.has(n)) this.owned.set(n, 'gap');
  }
}

/** Hands a delivery to the real judge and ledger, for the first chain alone; undefined when its range is not of that. */
export function judge({ range, gaps, month }: Delivered, model: Model, ledger: Ledger): JudgedDelivery | undefined {
  const chain = model.chainOf(range.branch);
  const records = gaps.map((gap): GapRecord => testGap(model.chainOf(gap.branch), gap.from, gap.to));
  const held = {
    holdingOf: (epoch: Uint8Array) => ledger.holding(LCU_NO, epoch),
    headAt: (epoch: Uint8Array, n: number) => ledger.headAt(LCU_NO, epoch, n),
    detail: (epoch: Uint8Array, from: number, to: number) => ledger.detail(LCU_NO, epoch, from, to),
    branchesOf: () => 1,
    takesGaps: () => true,
    mayBegin: () => true,
    unitOf: () => undefined,
  };
  const judged = judgeDelivery(
    { lcuId: chain.lcuId, range: chain.range(range.from, range.to), gaps: records, openEpochs: [] },
    held,
  );
  if (!judged.ok) {
    if (judged.code !== 'chain-fork') throw new Error(judged.code);
    return undefined;
  }
  const { id, first, adds, gaps: fresh, told } = judged.value;
  if (!isFirstBranch(id)) return undefined;
  const receivedAtMs = RECEIVED_AT_MS + month * 31 * 86_400_000;
  ledger.append([testAnswer(chain, range.from, range.to, { lcuNo: LCU_NO, receivedAtMs, first, adds, gaps: fresh, told })]);
  if (ledger.holding(LCU_NO, chain.epoch).islandCount >= ISLAND_LIMIT) throw new Error('these tests stay below the limit');
  return judged.value;
}

/** As `judge`, and holds it against the model: what contradicts is found, and nothing else. Whether anything was found. */
export function deliver(delivered: Delivered, model: Model, ledger: Ledger): boolean {
  const { range, gaps } = delivered;
  const judged = judge(delivered, model, ledger);
  const isGood = model.tell(range.branch, toldByRange(range));
  if (isGood !== (judged !== undefined)) throw new Error(`range ${JSON.stringify(range)}: ${isGood ? 'refused' : 'taken'}`);
  if (!judged) return true;
  model.own(range);
  const forked = gaps.filter((gap) => {
    const taken = model.tell(gap.branch, toldByGap(gap));
    if (taken) model.lack(gap);
    return !taken;
  });
  const found = judged.forks.map(({ facts }) => `${facts['from']}-${facts['to']}`).join(' ');
  const expected = forked.map(({ from, to }) => `${from}-${to}`).join(' ');
  if (found !== expected) throw new Error(`gaps that contradict: ${found}, expected ${expected}`);
  return forked.length > 0;
}
