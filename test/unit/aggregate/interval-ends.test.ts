import test from 'ava';
import { expectedSamples } from '@farola/collector/aggregate/expected-samples.js';
import { meterTag, ratedPower } from '@farola/collector/aggregate/meter-tag.js';
import { QUARTER_MS } from '@farola/collector/aggregate/quarter.js';
import type { PeriodSpell } from '@farola/collector/aggregate/quarter-periods.js';
import { METER, minutes, openAggregateBench, sampleAt, startAt } from '../../fakes/aggregate-bench.js';
import { TestChain } from '../../fakes/test-chain.js';

const DAY = Date.UTC(2026, 10, 22);
const at = (hours: number, mins = 0, seconds = 0): number => DAY + hours * 3_600_000 + mins * 60_000 + seconds * 1_000;

/** A chain of one epoch that begins with a start entry at a time. */
function begun(atMs: number): TestChain {
  const chain = new TestChain();
  return chain.add(startAt(atMs, chain.boot));
}

test('a break across an interval without samples marks it and the sum: nothing is lost in silence', async (t) => {
  const bench = await openAggregateBench(t);
  const chain = begun(at(9, 59)).add(
    sampleAt(at(10, 1), 100_000),
    sampleAt(at(10, 14, 40), 101_000),
    sampleAt(at(10, 30, 20), 50),
    sampleAt(at(10, 44, 40), 1050),
  );
  bench.receive(chain, 1, chain.last, at(11));
  bench.follow();
  const { intervals, gaps, sum } = bench.energy('15min', at(10), at(10, 45));
  t.deepEqual(
    intervals.map(({ energy, marks }) => [energy, ...marks]),
    [[1000n], [null, 'no-data', 'reset'], [1000n]],
  );
  t.deepEqual(gaps, []);
  t.deepEqual([sum.energy, sum.marks], [2000n, ['reset']]);
});

test('of two samples at the same distance the earlier is the end of an interval', async (t) => {
  const bench = await openAggregateBench(t);
  const chain = begun(at(9, 50)).add(sampleAt(at(9, 59, 30), 0), sampleAt(at(10, 0, 30), 7), sampleAt(at(10, 15), 17));
  bench.receive(chain, 1, chain.last, at(11));
  bench.follow();
  t.is(bench.energy('15min', at(10), at(10, 15)).intervals[0]?.energy, 17n);
});

test('the sum says that its end is missing when nothing came behind its last interval', async (t) => {
  const bench = await openAggregateBench(t);
  const chain = begun(at(9, 59)).add(...minutes(at(10), at(10, 10), 1000, 5));
  bench.receive(chain, 1, chain.last, at(11));
  bench.follow();
  for (const to of [at(10, 15), at(10, 45)]) {
    const { sum, gaps } = bench.energy('15min', at(10), to);
    t.deepEqual([sum.energy, sum.marks, gaps], [45n, ['end-missing'], []]);
  }
});

test('a fall from well below a full display is a reset, no rollover', async (t) => {
  const bench = await openAggregateBench(t);
  const chain = begun(at(9, 59)).add(sampleAt(at(10), 9_500_000), sampleAt(at(10, 1), 4), sampleAt(at(10, 15), 74));
  bench.receive(chain, 1, chain.last, at(11));
  bench.follow();
  t.deepEqual(bench.energy('15min', at(10), at(10, 15)).intervals[0]?.marks, ['reset']);
});

test('a quarter without samples has the period of the one before, and the first ones that of the first behind', (t) => {
  const quarter = (number: number, ...spells: readonly PeriodSpell[]) => {
    return { quarter: number, summary: { periods: [{ quantity: 20, spells }], instants: [], counters: [] } };
  };
  const change = 4 * QUARTER_MS + 600_000;
  const quarters = [
    quarter(2, { fromMs: 0, periodS: 60 }),
    quarter(4, { fromMs: 0, periodS: 60 }, { fromMs: change, periodS: 30 }),
    quarter(6, { fromMs: 0, periodS: null }, { fromMs: 6 * QUARTER_MS + 450_000, periodS: 900 }),
  ];
  t.deepEqual([1, 2, 3, 4, 5, 6, 7].map(expectedSamples(quarters, 20, Infinity)), [15, 15, 15, 20, 30, 0.5, 1]);
  t.is(expectedSamples(quarters, 20, 4 * QUARTER_MS + 660_000)(4), 12, 'up to now');
  t.is(expectedSamples(quarters, 21, Infinity)(4), 0, 'of a quantity that it is not asked for');
});

test('a meter without serial number is told apart by its LCU, one with it is not', (t) => {
  const nameless = { ...METER, serialNumber: null };
  t.notDeepEqual(meterTag(nameless, 0), meterTag(nameless, 1));
  t.deepEqual(meterTag(nameless, 1), meterTag(nameless, 1));
  t.deepEqual(meterTag(METER, 0), meterTag(METER, 1));
});

test('the bound of a jump is twice the current transformers, 50 kW at least; none of them tells without, or behind voltage transformers', (t) => {
  const power = (ratios: object): number | null => ratedPower({ ...METER, ctRatio: null, vtRatio: null, ...ratios });
  t.is(power({ ctRatio: [250, 5] }), 250 * 230 * 3 * 2);
  t.is(power({ ctRatio: [5, 5] }), 50_000);
  t.is(power({}), null);
  t.is(power({ ctRatio: [250, 5], vtRatio: [15_000, 110] }), null);
});
