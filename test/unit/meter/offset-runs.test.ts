import { offsetRuns } from '@farola/agent/meter/offset-runs.js';
import { MOST_RUNS } from '@farola/shared';
import test from 'ava';
import fc from 'fast-check';

/** The instant of each value as the runs tell it. */
const told = (runs: readonly { count: number; ms: number }[]): number[] =>
  runs.flatMap(({ count, ms }) => new Array<number>(count).fill(ms));

test('values of one request at the begin have no runs, and none where nothing was read', (t) => {
  t.deepEqual(offsetRuns([0, 0, 0]), []);
  t.deepEqual(offsetRuns([0, undefined, 0]), []);
  t.deepEqual(offsetRuns([undefined, undefined]), []);
  t.deepEqual(offsetRuns([]), []);
});

test('one request that was not the first has a run of its own', (t) => {
  t.deepEqual(offsetRuns([1_010, 1_010]), [{ count: 2, ms: 1_010 }]);
});

test('what no request gave makes no run: it has the instant before it, or behind it', (t) => {
  t.deepEqual(offsetRuns([undefined, 0, undefined, 70, undefined]), [
    { count: 3, ms: 0 },
    { count: 2, ms: 70 },
  ]);
});

test('of more runs than an entry may have those that differ least are joined at the earlier instant', (t) => {
  const asked = Array.from({ length: MOST_RUNS + 2 }, (_, place) => 100 * place);
  asked[5] = 410;
  asked[9] = 875;
  const runs = offsetRuns(asked);
  t.is(runs.length, MOST_RUNS);
  t.deepEqual(
    told(runs),
    asked.map((ms) => (ms === 410 ? 400 : ms === 875 ? 800 : ms)),
  );
});

test('no value is younger than it was asked for, whatever the requests; up to the limit each has its own instant', (t) => {
  const one = fc.option(fc.integer({ min: 0, max: 500 }), { nil: undefined });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 256 }), (asked) => {
      const runs = offsetRuns(asked);
      t.true(runs.length <= MOST_RUNS);
      const instants = runs.length === 0 ? asked.map(() => 0) : told(runs);
      t.is(instants.length, asked.length);
      t.true(asked.every((ms, place) => ms === undefined || (instants[place] ?? Infinity) <= ms));
      t.true(runs.every(({ ms }, at) => ms !== runs[at - 1]?.ms));
      if (runs.length < MOST_RUNS) t.true(asked.every((ms, place) => ms === undefined || instants[place] === ms));
    }),
  );
});
