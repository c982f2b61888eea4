import test from 'ava';
import type { GapRecord } from '@farola/shared';
import { EpochHolding } from '@farola/collector/ledger/epoch-holding.js';
import { type HeldByLcu, judgeDelivery, type JudgedDelivery } from '@farola/collector/ledger/judge-delivery.js';
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
  };
}

function spans(gaps: readonly GapRecord[]): string {
  return gaps.map(([epoch, from, to]) => `${epoch[0]}:${from}-${to}`).join(' ');
}

function taken(range: readonly [number, number], gaps: readonly GapRecord[], by: HeldByLcu): JudgedDelivery {
  const result = judgeDelivery({ lcuId, range: chain.range(...range), gaps }, by);
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
    const { gaps } = taken([51, 50], [testGap(chain, gap[0], gap[1])], held([...parts, [51, 60]]));
    t.is(spans(gaps), fresh);
    for (const [, from, to, prev, head] of gaps) {
      t.deepEqual(prev, chain.head(from - 1));
      t.deepEqual(head, chain.head(to));
    }
  });
}

test('gaps of several epochs are each held against their own', (t) => {
  const { adds, gaps } = taken([21, 30], [testGap(older, 1, 9), testGap(chain, 11, 20)], held([[1, 10]], [[10, 40]]));
  t.deepEqual(adds, [chain.held(21, 30)]);
  t.is(spans(gaps), '2:1-9 1:11-20');
});

test('a gap that comes twice, or over what the same answer brings, counts once', (t) => {
  const { gaps } = taken([21, 30], [testGap(chain, 11, 25), testGap(chain, 11, 25)], held([[1, 10]]));
  t.is(spans(gaps), '1:11-20');
});

const fork = chain.forkAt(5);
for (const [what, parts, range, gap] of [
  ['the range contradicts', [[1, 20]], fork.range(21, 30), testGap(chain, 31, 40)],
  ['the gap begins at another head', [[1, 10]], chain.range(41, 50), testGap(fork, 11, 20)],
  ['the gap ends at another head', [[21, 30]], chain.range(41, 50), testGap(fork, 11, 20)],
  ['the gap lies in what is held and differs', [[1, 30]], chain.range(41, 50), testGap(fork, 11, 20)],
  ['the gap does not begin at the seed', [], chain.range(41, 50), testGap(new TestChain('malaga-0043').grow(9), 1, 9)],
  ['the gap contradicts the range beside it', [], fork.range(21, 30), testGap(chain, 11, 20)],
] as const) {
  test(`refuses the delivery when ${what}`, (t) => {
    t.like(judgeDelivery({ lcuId, range, gaps: [gap] }, held(parts)), { ok: false, code: 'chain-fork' });
  });
}

for (const [from, to] of [
  [0, 5],
  [6, 5],
] as const) {
  test(`refuses a gap of ${from}..${to}`, (t) => {
    const gap: GapRecord = [chain.epoch, from, to, chain.head(5), chain.head(5), 1];
    t.like(judgeDelivery({ lcuId, range: chain.range(1, 5), gaps: [gap] }, held([])), { ok: false, code: 'message-invalid' });
  });
}
