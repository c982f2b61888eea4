import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { ISLAND_LIMIT, toHex } from '@farola/shared';
import { EpochHolding } from '@farola/collector/ledger/epoch-holding.js';
import type { KnownEpoch } from '@farola/collector/ledger/held-head.js';
import { type JudgedRange, judgeRange } from '@farola/collector/ledger/judge-range.js';
import { TestChain } from '../../fakes/test-chain.js';

const LAST = 80;
const chain = new TestChain().grow(LAST);

/** What a collector knows that holds these parts of the chain, all with their bytes. */
function knowing(parts: readonly (readonly [number, number])[], headAt: KnownEpoch['headAt'] = (n) => chain.head(n)): KnownEpoch {
  const holding = parts.reduce((held, [from, to]) => held.with(chain.held(from, to)), EpochHolding.EMPTY);
  return { holding, seed: chain.seed, tellsOutside: false, headAt, detail: () => ({ told: [], byteless: [], shared: [] }) };
}

function judged(t: ExecutionContext, of: TestChain, from: number, to: number, known: KnownEpoch): JudgedRange {
  const result = judgeRange(of.range(from, to), known);
  if (result.ok) return result.value;
  t.log(result.facts);
  throw new Error(result.code);
}

function spans(adds: JudgedRange['adds']): string {
  return adds.map(({ from, to }) => `${from}-${to}`).join(' ');
}

const neverAsked = (n: number): never => {
  throw new Error(`the ledger was asked of ${n}`);
};

for (const [held, from, to, first, adds] of [
  [[], 1, 10, 1, '1-10'],
  [[], 5, 10, 5, '5-10'],
  [[[1, 4]], 5, 10, 5, '5-10'],
  [[[1, 4]], 6, 10, 6, '6-10'],
  [[[1, 7]], 5, 10, 8, '8-10'],
  [[[1, 10]], 5, 10, 11, ''],
  [[[8, 9]], 5, 10, 5, '5-7 10-10'],
  [
    [
      [3, 6],
      [8, 9],
      [12, 20],
    ],
    5,
    15,
    7,
    '7-7 10-11',
  ],
  [[[11, 20]], 5, 10, 5, '5-10'],
] as const) {
  test(`of ${from}..${to} beside ${JSON.stringify(held)}, ${adds || 'nothing'} is new`, (t) => {
    const value = judged(t, chain, from, to, knowing(held));
    t.is(value.first, first);
    t.is(toHex(value.base), toHex(chain.head(first - 1)));
    t.is(spans(value.adds), adds);
    for (const add of value.adds) {
      t.is(toHex(add.prev), toHex(chain.head(add.from - 1)));
      t.is(toHex(add.head), toHex(chain.head(add.to)));
    }
  });
}

test('the ledger is not asked for a range that goes on where the last one ended', (t) => {
  const parts = [
    [1, 10],
    [40, 50],
  ] as const;
  const known = { ...knowing(parts, neverAsked), detail: neverAsked };
  t.is(spans(judged(t, chain, 11, 20, known).adds), '11-20');
  t.is(spans(judged(t, chain, 51, 60, known).adds), '51-60');
  t.is(spans(judged(t, chain, 11, 39, known).adds), '11-39');
  t.is(spans(judged(t, chain, 51, 50, known).adds), '');
});

test('an empty range adds nothing and is held against what is known there', (t) => {
  const value = judged(t, chain, 11, 10, knowing([[1, 10]], neverAsked));
  t.deepEqual([value.first, value.adds.length], [11, 0]);
  t.is(toHex(value.base), toHex(chain.head(10)));
  t.is(judged(t, chain, 1, 0, knowing([])).first, 1);
  const fork = chain.forkAt(5);
  for (const parts of [[[1, 10]], [[11, 20]], [[1, 20]]] as const) t.false(judgeRange(fork.range(11, 10), knowing(parts)).ok);
});

test('an empty range inside a gap adds nothing', (t) => {
  const known = { ...knowing([[1, 40]]), detail: () => ({ told: [], byteless: [{ from: 11, to: 40 }], shared: [] }) };
  const value = judged(t, chain, 21, 20, known);
  t.deepEqual([value.first, value.adds], [21, []]);
});

test('an epoch begins at its seed', (t) => {
  const other = new TestChain('malaga-0043').grow(10);
  for (const to of [0, 10]) {
    const result = judgeRange(other.range(1, to), knowing([]));
    t.like(result, { ok: false, code: 'chain-fork', facts: { from: 1, to, epoch: toHex(chain.epoch), at: 0 } });
  }
});

for (const [held, from, to] of [
  [[[1, 10]], 11, 20],
  [[[21, 30]], 11, 20],
  [[[1, 30]], 11, 20],
  [[[12, 13]], 11, 20],
  [[[1, 11]], 11, 20],
  [[[20, 25]], 11, 20],
] as const) {
  test(`D32: a fork at 9 shows in ${from}..${to} beside ${JSON.stringify(held)}`, (t) => {
    const result = judgeRange(chain.forkAt(9).range(from, to), knowing(held));
    t.like(result, { ok: false, code: 'chain-fork' });
  });
}

test('a range that touches nothing is taken, and the fork shows when the two meet', (t) => {
  const fork = chain.forkAt(9);
  t.true(judgeRange(fork.range(12, 20), knowing([[1, 10]])).ok);
  const holding = EpochHolding.EMPTY.with(chain.held(1, 10)).with(fork.held(12, 20));
  t.like(judgeRange(fork.range(11, 11), { ...knowing([]), holding }), { ok: false, code: 'chain-fork' });
  t.like(judgeRange(chain.range(11, 11), { ...knowing([]), holding }), { ok: false, code: 'chain-fork' });
});

test('where a gap without bytes is held, what is known before it is compared', (t) => {
  const inGap = (n: number): Uint8Array | undefined => (n >= 11 && n < 20 ? undefined : chain.head(n));
  const known = knowing([[1, 30]], inGap);
  t.is(spans(judged(t, chain, 5, 15, known).adds), '');
  t.true(judgeRange(chain.range(12, 15), known).ok);
  t.like(judgeRange(chain.forkAt(9).range(5, 15), known), { ok: false, code: 'chain-fork', facts: { at: 10 } });
});

for (const [what, from, to, at] of [
  ['inside the range', 9, 25, 15],
  ['at the head that it begins at', 16, 25, 15],
  ['at its end', 11, 15, 15],
] as const) {
  test(`a head that a gap told is compared ${what}, also when heads after it agree`, (t) => {
    const fork = chain.forkAt(12);
    const detail = () => ({ told: [{ n: 15, head: fork.head(15) }], byteless: [{ from: 11, to: 19 }], shared: [] });
    const known = { ...knowing([[1, 30]], (n) => (n > 10 && n < 19 ? undefined : chain.head(n))), detail };
    t.like(judgeRange(chain.range(from, to), known), { ok: false, code: 'chain-fork', facts: { at } });
    t.is(judgeRange(fork.range(from, to), known).ok, to < 19);
  });
}

test('entries with bytes are compared before and behind a gap, whatever joined them', (t) => {
  const fork = chain.forkAt(9);
  const holding = EpochHolding.EMPTY.with({ from: 1, to: 30, prev: chain.seed, head: fork.head(30) });
  const known = { ...knowing([]), holding, headAt: (n: number) => (n > 20 ? fork : chain).head(n) };
  const detail = () => ({ told: [], byteless: [{ from: 15, to: 20 }], shared: [] });
  t.like(judgeRange(fork.range(12, 30), { ...known, detail }), { ok: false, code: 'chain-fork', facts: { at: 14 } });
  t.like(judgeRange(chain.range(12, 30), { ...known, detail }), { ok: false, code: 'chain-fork', facts: { at: 30 } });
});

test('a gap whose ends were wrong shows as a fork, not as a failure', (t) => {
  const holding = EpochHolding.EMPTY.with({ ...chain.held(11, 20), prev: new Uint8Array(32) });
  t.like(judgeRange(chain.range(5, 30), { ...knowing([]), holding }), { ok: false, code: 'chain-fork', facts: { at: 10 } });
});

test('a part that would be one island too many is left for later', (t) => {
  const islands = Array.from({ length: ISLAND_LIMIT }, (_, i) => [2 * i + 2, 2 * i + 2] as const);
  const full = knowing(islands);
  t.is(full.holding.islandCount, ISLAND_LIMIT);
  const apart = judged(t, chain, 70, 75, full);
  t.deepEqual([apart.first, spans(apart.adds)], [76, '']);
  t.is(spans(judged(t, chain, 65, 66, full).adds), '65-66', 'what meets an island makes no new one');
  t.is(spans(judged(t, chain, 3, 3, full).adds), '3-3', 'what fills a hole makes one less');
});

const anyRange = fc
  .tuple(fc.integer({ min: 1, max: LAST }), fc.nat(20))
  .map(([from, length]) => [from, Math.min(LAST, from + length)] as const);

test('true ranges in any order and overlap come to their union, each entry owned once', (t) => {
  fc.assert(
    fc.property(fc.array(anyRange, { maxLength: 30 }), (ranges) => {
      let known = knowing([]);
      const owners = new Map<number, number>();
      const expected = new Set<number>();
      for (const [i, [from, to]] of ranges.entries()) {
        const { first, base, adds } = judged(t, chain, from, to, known);
        t.is(toHex(base), toHex(chain.head(first - 1)));
        for (const add of adds) {
          t.true(add.from >= first);
          known = { ...known, holding: known.holding.with(add) };
          for (let n = add.from; n <= add.to; n++) {
            t.false(owners.has(n), `entry ${n} is owned twice`);
            owners.set(n, i);
          }
        }
        for (let n = from; n <= to; n++) expected.add(n);
      }
      t.deepEqual(
        [...owners.keys()].sort((a, b) => a - b),
        [...expected].sort((a, b) => a - b),
      );
      t.deepEqual(known.holding.missing(1, LAST).length > 0, expected.size < LAST);
    }),
  );
});

test('an altered entry is found whenever its range meets or overlaps what is held after it', (t) => {
  fc.assert(
    fc.property(
      fc.array(anyRange, { minLength: 1, maxLength: 12 }),
      anyRange,
      fc.integer({ min: 1, max: LAST }),
      (ranges, [from, to], at) => {
        let known = knowing([]);
        for (const [a, b] of ranges) {
          for (const add of judged(t, chain, a, b, known).adds) known = { ...known, holding: known.holding.with(add) };
        }
        const result = judgeRange(chain.forkAt(at).range(from, to), known);
        const shared = known.holding.runs.some(
          (run) => Math.min(run.to, to) >= at && Math.max(run.from, from) <= Math.min(run.to, to) + 1,
        );
        t.is(result.ok, !shared);
      },
    ),
  );
});
