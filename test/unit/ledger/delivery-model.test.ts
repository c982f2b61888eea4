import test from 'ava';
import fc from 'fast-check';
import { cutItems, type GapRecord, ISLAND_LIMIT, toHex } from '@farola/shared';
import { judgeDelivery } from '@farola/collector/ledger/judge-delivery.js';
import { MemoryLedger } from '../../fakes/memory-ledger.js';
import { RECEIVED_AT_MS, testAnswer, testGap } from '../../fakes/test-answer.js';
import { TestChain } from '../../fakes/test-chain.js';
import { runs } from '../shared/runs.js';

const LAST = 100;
const LCU_NO = 3;

type Span = readonly [from: number, to: number];

/** What one answer delivers: a range of a branch of the chain and, perhaps, a gap of the same. */
interface Delivered {
  readonly forked: boolean;
  readonly range: Span;
  readonly gap: Span | undefined;
}

/** What a collector may know, as plainly as can be: who owns which n, and h(n) wherever it was ever told. */
class Model {
  readonly owned = new Map<number, string>();
  readonly heads = new Map<number, string>();

  constructor(chain: TestChain) {
    this.heads.set(0, toHex(chain.seed));
  }

  /** An n among these whose head is known and another than that of this branch. */
  contradicts(branch: TestChain, numbers: readonly number[]): boolean {
    return numbers.some((n) => this.heads.has(n) && this.heads.get(n) !== toHex(branch.head(n)));
  }

  /** Takes entries over; Error when one is owned already. */
  own(branch: TestChain, { from, to }: { from: number; to: number }, bytesOf: (n: number) => string): void {
    for (let n = from; n <= to; n++) {
      if (this.owned.has(n)) throw new Error(`entry ${n} is owned twice`);
      this.owned.set(n, bytesOf(n));
    }
    this.heads.set(from - 1, toHex(branch.head(from - 1)));
  }
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

type Branches = readonly [chain: TestChain, fork: TestChain];

/**
 * Of a gap only the ends can be compared: one that spans entries of the other branch, with both ends unknown, is taken, and
 * joins the branches. No verdict on it can be asked for.
 */
function isProvable(gap: Span | undefined, branch: TestChain, model: Model): boolean {
  if (!gap) return true;
  const [from, to] = gap;
  return model.contradicts(branch, [from - 1, to]) || !model.contradicts(branch, numbers(from, to - 1));
}

/** Hands a delivery to the real judge and ledger, and holds what they do against the model. */
function deliver(delivered: Delivered, [chain, fork]: Branches, ledger: MemoryLedger, model: Model): void {
  const branch = delivered.forked ? fork : chain;
  const [from, to] = delivered.range;
  const gap = isProvable(delivered.gap, branch, model) ? delivered.gap : undefined;
  const gaps: readonly GapRecord[] = gap ? [testGap(branch, ...gap)] : [];
  const held = {
    holdingOf: (epoch: Uint8Array) => ledger.holding(LCU_NO, epoch),
    headAt: (epoch: Uint8Array, n: number) => ledger.headAt(LCU_NO, epoch, n),
  };
  const judged = judgeDelivery({ lcuId: chain.lcuId, range: branch.range(from, to), gaps }, held);
  const rangeContradicts = model.contradicts(branch, numbers(from - 1, to));
  const gapContradicts = gap !== undefined && model.contradicts(branch, [gap[0] - 1, gap[1]]);
  if (judged.ok === (rangeContradicts || gapContradicts)) throw new Error(`${from}..${to}: ${judged.ok ? 'taken' : judged.code}`);
  if (!judged.ok) return;
  const { first, adds, gaps: fresh } = judged.value;
  const answer = testAnswer(branch, from, to, { lcuNo: LCU_NO, receivedAtMs: RECEIVED_AT_MS, first, adds, gaps: fresh });
  ledger.append([answer]);
  for (const add of adds) {
    model.own(branch, add, (n) => toHex(branch.entries[n - 1] as Uint8Array));
    for (const n of numbers(add.from, add.to)) model.heads.set(n, toHex(branch.head(n)));
  }
  for (const [, a, b] of fresh) {
    model.own(branch, { from: a, to: b }, () => 'gap');
    model.heads.set(b, toHex(branch.head(b)));
  }
}

const spans = fc
  .tuple(fc.integer({ min: 1, max: LAST }), fc.nat(25))
  .map(([from, more]): Span => [from, Math.min(LAST, from + more)]);
const deliveries = fc.array(
  fc.record({ forked: fc.boolean(), range: spans, gap: fc.option(spans, { nil: undefined }) }, { noNullPrototype: true }),
  { minLength: 1, maxLength: 25 },
);

test('whatever ranges and gaps of two branches come: taken exactly when nothing known differs, and no n is owned twice', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: LAST }), deliveries, (forkAt, list) => {
      const chain = new TestChain().grow(LAST);
      const branches = [chain, chain.forkAt(forkAt)] as const;
      const ledger = new MemoryLedger();
      const model = new Model(chain);
      for (const delivered of list) deliver(delivered, branches, ledger, model);
      const holding = ledger.holding(LCU_NO, chain.epoch);
      const held = new Set(holding.runs.flatMap(({ from, to }) => numbers(from, to)));
      return (
        held.size === model.owned.size && [...model.owned.keys()].every((n) => held.has(n)) && holding.islandCount <= ISLAND_LIMIT
      );
    }),
    runs(300),
  );
  t.pass();
});

test('what is owned stays as it was first delivered, whatever comes after', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: LAST }), deliveries, (forkAt, list) => {
      const chain = new TestChain().grow(LAST);
      const branches = [chain, chain.forkAt(forkAt)] as const;
      const ledger = new MemoryLedger();
      const model = new Model(chain);
      for (const delivered of list) {
        const before = new Map(model.owned);
        deliver(delivered, branches, ledger, model);
        for (const [n, bytes] of before) if (model.owned.get(n) !== bytes) return false;
      }
      return [...model.owned].every(([n, bytes]) => {
        const row = ledger.rowOf(LCU_NO, chain.epoch, n);
        return bytes === 'gap' ? row === undefined : row !== undefined && toHex(entryOf(row, n)) === bytes;
      });
    }),
    runs(100),
  );
  t.pass();
});

function entryOf({ entries, first }: { entries: Uint8Array; first: number }, n: number): Uint8Array {
  return cutItems(entries).items[n - first] as Uint8Array;
}
