import test from 'ava';
import { type GapRecord, toHex } from '@farola/shared';
import { EpochHolding } from '@farola/collector/ledger/epoch-holding.js';
import type { HeldByLcu } from '@farola/collector/ledger/held-by-lcu.js';
import { judgeDelivery, type JudgedDelivery } from '@farola/collector/ledger/judge-delivery.js';
import type { ProvenRange } from '@farola/collector/ledger/judge-range.js';
import { testGap } from '../../fakes/test-answer.js';
import { TestChain } from '../../fakes/test-chain.js';

const chain = new TestChain().grow(60);
const older = new TestChain('malaga-0042', 2).grow(40);
const { lcuId } = chain;

function holding(of: TestChain, parts: readonly (readonly [number, number])[]): EpochHolding {
  return parts.reduce((held, [from, to]) => held.with(of.held(from, to)), EpochHolding.EMPTY);
}

/** What is held of both epochs; heads inside are known. */
function held(present: readonly (readonly [number, number])[], before: readonly (readonly [number, number])[] = []): HeldByLcu {
  const of = (epoch: Uint8Array): TestChain => (epoch[0] === 1 ? chain : older);
  return {
    holdingOf: (epoch) => (epoch[0] === 1 ? holding(chain, present) : holding(older, before)),
    headAt: (epoch, n) => of(epoch).head(n),
    detail: () => ({ told: [], byteless: [], shared: [] }),
    branchesOf: () => 1,
    takesGaps: () => true,
    mayBegin: () => true,
    unitOf: () => undefined,
  };
}

function spans(gaps: readonly GapRecord[]): string {
  return gaps.map(([epoch, from, to]) => `${epoch[0]}:${from}-${to}`).join(' ');
}

function taken(range: ProvenRange, gaps: readonly GapRecord[], by: HeldByLcu): JudgedDelivery {
  const result = judgeDelivery({ lcuId, range, gaps, openEpochs: [] }, by);
  if (!result.ok) throw new Error(result.code);
  return result.value;
}

for (const [parts, gap, fresh] of [
  [[], [1, 10], '1:1-10'],
  [[[1, 10]], [11, 20], '1:11-20'],
  [[[1, 15]], [11, 20], '1:16-20'],
  [[[1, 30]], [11, 20], ''],
  [[[13, 14]], [11, 20], '1:11-12 1:15-20'],
] as const) {
  test(`of a gap ${gap.join('..')} beside ${JSON.stringify(parts)}, ${fresh || 'nothing'} is new`, (t) => {
    const { gaps } = taken(chain.range(51, 50), [testGap(chain, gap[0], gap[1])], held([...parts, [51, 60]]));
    t.is(spans(gaps), fresh);
    for (const [, from, to, prev, head] of gaps) {
      t.deepEqual(prev, chain.head(from - 1));
      t.deepEqual(head, chain.head(to));
    }
  });
}

test('gaps of several epochs are each held against their own', (t) => {
  const { adds, gaps } = taken(chain.range(21, 30), [testGap(older, 1, 9), testGap(chain, 11, 20)], held([[1, 10]], [[10, 40]]));
  t.deepEqual(adds, [chain.held(21, 30)]);
  t.is(spans(gaps), '2:1-9 1:11-20');
});

test('a gap that comes twice, or over what the same answer brings, counts once', (t) => {
  const { gaps } = taken(chain.range(21, 30), [testGap(chain, 11, 25), testGap(chain, 11, 25)], held([[1, 10]]));
  t.is(spans(gaps), '1:11-20');
});

const fork = chain.forkAt(5);

test('refuses the delivery when the range contradicts', (t) => {
  const judged = judgeDelivery(
    { lcuId, range: fork.range(21, 30), gaps: [testGap(chain, 31, 40)], openEpochs: [] },
    held([[1, 20]]),
  );
  t.like(judged, { ok: false, code: 'chain-fork' });
});

for (const [what, parts, range, gap] of [
  ['the gap begins at another head', [[1, 10]], chain.range(41, 50), testGap(fork, 11, 20)],
  ['the gap ends at another head', [[21, 30]], chain.range(41, 50), testGap(fork, 11, 20)],
  ['the gap lies in what is held and differs', [[1, 30]], chain.range(41, 50), testGap(fork, 11, 20)],
  ['the gap does not begin at the seed', [], chain.range(41, 50), testGap(new TestChain('malaga-0043').grow(9), 1, 9)],
  ['the gap contradicts the range beside it', [], fork.range(21, 30), testGap(chain, 11, 20)],
  ['the gap ends at another head inside the range', [], chain.range(21, 30), testGap(fork, 11, 25)],
  ['the gap begins at another head inside the range', [], chain.range(21, 30), testGap(fork, 26, 40)],
  ['the gap ends where the empty range tells another head', [], chain.range(31, 30), testGap(fork, 11, 30)],
] as const) {
  test(`takes the range and not the gap when ${what}`, (t) => {
    const { adds, gaps, told, forks } = taken(range, [gap, testGap(older, 1, 5)], held(parts));
    t.deepEqual(
      forks.map(({ epoch, facts }) => [toHex(epoch), facts['from'], facts['to'], facts['epoch']]),
      [[toHex(chain.epoch), gap[1], gap[2], toHex(chain.epoch)]],
    );
    t.is(spans(gaps), '2:1-5', 'another gap is taken');
    t.is(adds.length > 0, range.from <= range.to);
    t.deepEqual(told, []);
  });
}

test('two gaps of one answer that tell different heads contradict each other, also inside what is held', (t) => {
  for (const parts of [[], [[1, 60]]] as const) {
    const by = { ...held(parts), headAt: () => undefined };
    const { forks, told } = taken(chain.range(51, 50), [testGap(chain, 11, 20), testGap(fork, 12, 20)], by);
    t.deepEqual(
      forks.map(({ facts }) => facts['at']),
      [20],
    );
    t.is(told.length, parts.length * 2);
  }
});

test('the ends of a gap that lie inside what is held are kept, though nothing of the gap is new', (t) => {
  const known = held([[1, 30]]);
  const by = { ...known, headAt: (epoch: Uint8Array, n: number) => (n > 10 ? undefined : known.headAt(epoch, n)) };
  const { gaps, told } = taken(chain.range(41, 50), [testGap(chain, 11, 20)], by);
  t.is(spans(gaps), '');
  t.deepEqual(told, [{ epoch: chain.epoch, n: 20, head: chain.head(20) }]);
});

test('bytes that come for a gap are taken, each part by itself', (t) => {
  const known = held([[5, 20]]);
  const by = { ...known, headAt: () => undefined, detail: () => ({ told: [], byteless: [{ from: 5, to: 20 }], shared: [] }) };
  const { first, adds } = taken(chain.range(3, 25), [], by);
  t.is(first, 3);
  t.deepEqual(adds, [chain.held(3, 4), chain.held(5, 20), chain.held(21, 25)]);
});

for (const [from, to] of [
  [0, 5],
  [6, 5],
] as const) {
  test(`refuses a gap of ${from}..${to}`, (t) => {
    const gap: GapRecord = [chain.epoch, from, to, chain.head(5), chain.head(5), 1];
    const judged = judgeDelivery({ lcuId, range: chain.range(1, 5), gaps: [gap], openEpochs: [] }, held([]));
    t.like(judged, { ok: false, code: 'message-invalid' });
  });
}
