import test from 'ava';
import fc from 'fast-check';
import { toHex } from '@farola/shared';
import { EpochHolding } from '@farola/collector/ledger/epoch-holding.js';
import { TestChain } from '../../fakes/test-chain.js';

const chain = new TestChain().grow(60);

/** Cuts 1..60 into parts in any order, and takes some of them. */
const partsInAnyOrder = fc.tuple(fc.uniqueArray(fc.integer({ min: 1, max: 59 }), { maxLength: 20 }), fc.nat()).chain(([cuts]) => {
  const ends = [...cuts.sort((a, b) => a - b), 60];
  const parts = ends.map((to, i) => ({ from: (ends[i - 1] ?? 0) + 1, to }));
  return fc.shuffledSubarray(parts);
});

function hold(parts: readonly { from: number; to: number }[]): EpochHolding {
  return parts.reduce((holding, { from, to }) => holding.with(chain.held(from, to)), EpochHolding.EMPTY);
}

test('holds exactly the union of what was added, as the longest runs, ascending', (t) => {
  fc.assert(
    fc.property(partsInAnyOrder, (parts) => {
      const { runs } = hold(parts);
      const held = new Set(runs.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i)));
      const added = new Set(parts.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i)));
      t.deepEqual(
        [...held].sort((a, b) => a - b),
        [...added].sort((a, b) => a - b),
      );
      for (const [i, run] of runs.entries()) {
        t.true(i === 0 || run.from > runs[i - 1]!.to + 1);
        t.is(toHex(run.prev), toHex(chain.head(run.from - 1)));
        t.is(toHex(run.head), toHex(chain.head(run.to)));
      }
    }),
  );
});

test('what is missing and what is held make up any span', (t) => {
  fc.assert(
    fc.property(partsInAnyOrder, fc.integer({ min: 1, max: 60 }), fc.nat(70), (parts, from, length) => {
      const holding = hold(parts);
      const to = from + length;
      const missing = holding.missing(from, to);
      const has = (list: readonly { from: number; to: number }[], n: number): boolean =>
        list.some((one) => one.from <= n && n <= one.to);
      for (let n = from; n <= to; n++) t.not(has(missing, n), has(holding.runs, n), `entry ${n}`);
      for (const part of missing) t.true(part.from >= from && part.to <= to && part.from <= part.to);
    }),
  );
});

test('the mark reaches to the first hole; islands lie beyond', (t) => {
  t.deepEqual(EpochHolding.EMPTY.mark, { n: 0, head: undefined });
  t.is(EpochHolding.EMPTY.last, 0);
  const apart = hold([{ from: 5, to: 9 }]);
  t.is(apart.mark.n, 0);
  t.is(apart.islandCount, 1);
  t.is(apart.last, 9);
  const grown = apart.with(chain.held(1, 3));
  t.is(grown.mark.n, 3);
  t.is(toHex(grown.mark.head!), toHex(chain.head(3)));
  t.deepEqual(grown.with(chain.held(4, 4)).mark.n, 9);
  t.is(apart.mark.n, 0, 'a holding does not change');
});

for (const [from, to] of [
  [5, 5],
  [1, 20],
  [9, 12],
  [3, 5],
  [6, 7],
] as const) {
  test(`refuses ${from}..${to} beside 5..9, which it overlaps`, (t) => {
    t.throws(() => hold([{ from: 5, to: 9 }]).with(chain.held(from, to)), { instanceOf: RangeError });
  });
}

test('refuses ranges that meet and do not agree', (t) => {
  const holding = hold([{ from: 5, to: 9 }]);
  const wrong = new Uint8Array(32);
  t.throws(() => holding.with({ ...chain.held(10, 12), prev: wrong }), { instanceOf: RangeError });
  t.throws(() => holding.with({ ...chain.held(2, 4), head: wrong }), { instanceOf: RangeError });
  t.notThrows(() => holding.with({ ...chain.held(11, 12), prev: wrong }));
});
