import test from 'ava';
import type { IntervalEnergy } from '@farola/collector/aggregate/energy-of-intervals.js';
import {
  type AggregateBench,
  atWall,
  METER,
  minutes,
  openAggregateBench,
  sampleAt,
  startAt,
} from '../../fakes/aggregate-bench.js';
import { analyser, TestChain } from '../../fakes/test-chain.js';

const DAY = Date.UTC(2026, 10, 22);
const at = (hours: number, mins = 0): number => DAY + hours * 3_600_000 + mins * 60_000;

const told = (of: readonly IntervalEnergy[]): string[] =>
  of.map(({ fromMs, energy, marks }) => [new Date(fromMs).toISOString().slice(11, 16), energy ?? '-', ...marks].join(' '));

const gapsTold = (bench: AggregateBench, from: number, to: number): string[] =>
  bench
    .energy('15min', from, to)
    .gaps.map(({ fromMs, toMs, energy, marks }) =>
      [new Date(fromMs).toISOString().slice(11, 16), new Date(toMs).toISOString().slice(11, 16), energy ?? '-', ...marks].join(
        ' ',
      ),
    );

/** A chain of one epoch that begins with a start entry at a time. */
function begun(atMs: number, byte = 1): TestChain {
  const chain = new TestChain('malaga-0042', byte);
  return chain.add(startAt(atMs, chain.boot));
}

test('quarters of an even load are the differences of the counter, and add up to the hour', async (t) => {
  const bench = await openAggregateBench(t);
  const chain = begun(at(9, 59)).add(...minutes(at(10), at(11, 1), 1000, 5));
  bench.receive(chain, 1, chain.last, at(11, 2));
  bench.follow();
  const { intervals, sum, gaps } = bench.energy('15min', at(10), at(11));
  t.deepEqual(told(intervals), ['10:00 75', '10:15 75', '10:30 75', '10:45 75']);
  t.deepEqual(
    intervals.map(({ count, expected }) => `${count}/${expected}`),
    ['15/15', '15/15', '15/15', '15/15'],
  );
  t.is(sum.energy, 300n);
  t.deepEqual([sum.marks, gaps], [[], []]);
  t.deepEqual(told(bench.energy('hour', at(10), at(11)).intervals), ['10:00 300']);
});

test('minimum, mean and maximum of an instantaneous quantity are those of its samples', async (t) => {
  const bench = await openAggregateBench(t);
  const chain = begun(at(9, 59)).add(
    sampleAt(at(10), 1, -11),
    sampleAt(at(10, 1), 2, null),
    sampleAt(at(10, 2), 3, 20),
    sampleAt(at(10, 16), 4, 1000),
  );
  bench.receive(chain, 1, chain.last, at(11));
  bench.follow();
  const power = bench.series('15min', at(10), at(10, 30)).find((one) => one.kind === 'instants');
  t.deepEqual(
    power?.intervals.map(({ count, min, mean, max }) => [count, min, mean, max]),
    [
      [2, -11n, 5n, 20n],
      [1, 1000n, 1000n, 1000n],
    ],
    'the mean of -11 and 20 is 4.5, halves go away from zero',
  );
});

test('the energy of a gap stands in one row, neither in the intervals nor nowhere', async (t) => {
  const bench = await openAggregateBench(t);
  const chain = begun(at(9, 59)).add(...minutes(at(10), at(10, 8), 0, 5), ...minutes(at(11, 22), at(11, 46), 9000, 5));
  bench.receive(chain, 1, chain.last, at(12));
  bench.follow();
  const { intervals, sum } = bench.energy('15min', at(10), at(11, 45));
  t.deepEqual(told(intervals), [
    '10:00 35 end-missing',
    '10:15 - no-data',
    '10:30 - no-data',
    '10:45 - no-data',
    '11:00 - no-data',
    '11:15 40 begin-missing',
    '11:30 75',
  ]);
  t.deepEqual(gapsTold(bench, at(10), at(11, 45)), ['10:07 11:22 8965']);
  t.is(sum.energy, 9000n + 23n * 5n);
  t.deepEqual(sum.marks, []);
  t.deepEqual(told(bench.energy('day', at(0), at(24)).intervals), [`00:00 ${9000 + 23 * 5} first-reading end-missing`]);
});

test('a gap that reaches beyond what is asked is shown and not summed', async (t) => {
  const bench = await openAggregateBench(t);
  const chain = begun(at(9, 59)).add(...minutes(at(10), at(10, 8), 0, 5), ...minutes(at(11, 22), at(11, 46), 9000, 5));
  bench.receive(chain, 1, chain.last, at(12));
  bench.follow();
  const { gaps, sum } = bench.energy('15min', at(11), at(11, 45));
  t.deepEqual(
    gaps.map(({ energy, beyond }) => [energy, beyond]),
    [[8965n, true]],
  );
  t.is(sum.energy, 115n);
  t.deepEqual(sum.marks, ['begin-missing']);
});

test('a span that lies in a gap shows the gap', async (t) => {
  const bench = await openAggregateBench(t);
  const chain = begun(at(9, 59)).add(...minutes(at(10), at(10, 8), 0, 5), ...minutes(at(11, 22), at(11, 46), 9000, 5));
  bench.receive(chain, 1, chain.last, at(12));
  bench.follow();
  const { intervals, gaps, sum } = bench.energy('15min', at(10, 30), at(11));
  t.deepEqual(told(intervals), ['10:30 - no-data', '10:45 - no-data']);
  t.deepEqual(
    gaps.map(({ energy, beyond }) => [energy, beyond]),
    [[8965n, true]],
  );
  t.deepEqual([sum.energy, sum.marks], [null, ['begin-missing', 'end-missing']]);
});

test('a sample 60 s from the end of an interval is its end, one of 60.001 s is not', async (t) => {
  for (const [late, marks] of [
    [0, []],
    [1, ['begin-missing']],
  ] as const) {
    const bench = await openAggregateBench(t);
    const chain = begun(at(9, 40)).add(sampleAt(at(9, 50), 0), sampleAt(at(10, 1) + late, 7), sampleAt(at(10, 15), 17));
    bench.receive(chain, 1, chain.last, at(11));
    bench.follow();
    const [interval] = bench.energy('15min', at(10), at(10, 15)).intervals;
    t.deepEqual([interval?.energy, interval?.marks], [10n, marks]);
  }
});

for (const [name, before, after, mark] of [
  ['a reset', 500_000, 3, 'reset'],
  ['a rollover of 32 bits', 2 ** 32 - 1, 4, 'rollover'],
  ['a rollover of seven digits', 9_999_990, 4, 'rollover'],
  ['a jump', 500_000, 80_000_000, 'jump'],
] as const) {
  test(`${name} in the middle of an interval parts it: both parts count, and nothing else`, async (t) => {
    const bench = await openAggregateBench(t);
    const chain = begun(at(9, 59)).add(
      ...minutes(at(10), at(10, 6), before - 25, 5),
      ...minutes(at(10, 6), at(10, 16), after, 5),
    );
    bench.receive(chain, 1, chain.last, at(11));
    bench.follow();
    const { intervals, sum } = bench.energy('15min', at(10), at(10, 15));
    t.deepEqual(told(intervals), [`10:00 70 ${mark}`]);
    t.deepEqual(sum.marks, [mark]);
  });
}

test('a zero between two good values books nothing, and what was counted meanwhile is counted', async (t) => {
  const bench = await openAggregateBench(t);
  const values = [81_250_000, 81_250_005, 0, 81_250_015, 81_250_020];
  const chain = begun(at(9, 59)).add(
    ...values.map((value, i) => sampleAt(at(10, i * 3), value)),
    sampleAt(at(10, 15), 81_250_025),
  );
  bench.receive(chain, 1, chain.last, at(11));
  bench.follow();
  t.deepEqual(told(bench.energy('15min', at(10), at(10, 15)).intervals), ['10:00 25 glitch']);
});

for (const [name, change] of [
  ['another serial number', { serialNumber: 'sn-new' }],
  ['another profile', { profileId: 'eastron-sdm630' }],
  ['another ratio of the current transformers', { ctRatio: [200, 5] as const }],
] as const) {
  test(`${name} is another meter: its readings are not held against those of the one before`, async (t) => {
    const bench = await openAggregateBench(t);
    const first = begun(at(9, 59)).add(...minutes(at(10), at(10, 6), 1000, 5));
    const second = new TestChain('malaga-0042', 2);
    second.add(
      startAt(at(10, 6), second.boot, [analyser(0, 'main', { ...METER, ...change })]),
      ...minutes(at(10, 6), at(10, 16), 1200, 5),
    );
    bench.receive(first, 1, first.last, at(10, 7));
    bench.receive(second, 1, second.last, at(10, 17));
    bench.follow();
    t.deepEqual(told(bench.energy('15min', at(10), at(10, 15)).intervals), ['10:00 70 meter-exchanged']);
  });
}

test('a restart of the agent does not break the series of its meter', async (t) => {
  const bench = await openAggregateBench(t);
  const first = begun(at(9, 59)).add(...minutes(at(10), at(10, 6), 1000, 5));
  const second = begun(at(10, 6), 2).add(...minutes(at(10, 7), at(10, 16), 1035, 5));
  bench.receive(second, 1, second.last, at(10, 17));
  bench.receive(first, 1, first.last, at(10, 18));
  bench.follow();
  t.deepEqual(told(bench.energy('15min', at(10), at(10, 15)).intervals), ['10:00 75']);
});

test('a board that is exchanged leaves the series to its measuring point, where the serial number tells the meter', async (t) => {
  const bench = await openAggregateBench(t);
  bench.stays.set(1, [{ panel: 'plaza', lcuId: 'malaga-0043', fromMs: at(10, 6), toMs: null }]);
  const first = begun(at(9, 59)).add(...minutes(at(10), at(10, 6), 1000, 5));
  const second = new TestChain('malaga-0043', 2);
  second.add(startAt(at(10, 6), second.boot), ...minutes(at(10, 6), at(10, 16), 1030, 5));
  bench.receive(first, 1, first.last, at(10, 7));
  bench.receive(second, 1, second.last, at(10, 17), { lcuNo: 1 });
  bench.follow();
  t.deepEqual(told(bench.energy('15min', at(10), at(10, 15)).intervals), ['10:00 75']);
  t.deepEqual(bench.reader.lcusAt('plaza/main'), [0, 1]);
});

test('the first reading of a meter is no energy', async (t) => {
  const bench = await openAggregateBench(t);
  const chain = begun(at(10, 4)).add(...minutes(at(10, 5), at(10, 16), 7_000_000, 5));
  bench.receive(chain, 1, chain.last, at(11));
  bench.follow();
  t.deepEqual(told(bench.energy('15min', at(8), at(10, 15)).intervals), ['10:00 50 first-reading']);
});

test('one sample alone tells no energy, not even none', async (t) => {
  const bench = await openAggregateBench(t);
  const chain = begun(at(10, 4)).add(sampleAt(at(10, 5), 1000));
  bench.receive(chain, 1, chain.last, at(11));
  bench.follow();
  t.deepEqual(told(bench.energy('15min', at(10), at(10, 15)).intervals), ['10:00 - first-reading end-missing']);
});

test('a load of nothing is an energy of zero, which is another thing than no data', async (t) => {
  const bench = await openAggregateBench(t);
  const chain = begun(at(9, 59)).add(...minutes(at(10), at(10, 16), 1000, 0));
  bench.receive(chain, 1, chain.last, at(11));
  bench.follow();
  t.deepEqual(told(bench.energy('15min', at(10), at(10, 30)).intervals), ['10:00 0', '10:15 - end-missing']);
});

test('a counter that is missing in samples leaves the others alone, and is incomplete', async (t) => {
  const bench = await openAggregateBench(t);
  const chain = begun(at(9, 59)).add(
    ...minutes(at(10), at(10, 16), 1000, 5).map((entry, i) => {
      return entry.kind === 'sample' && i > 2 && i < 9 ? { ...entry, values: [null, 7], status: 'partial' as const } : entry;
    }),
  );
  bench.receive(chain, 1, chain.last, at(11));
  bench.follow();
  const [energy, power] = bench.series('15min', at(10), at(10, 15)).toReversed();
  t.deepEqual([energy?.intervals[0]?.count, energy?.intervals[0]?.expected], [9, 15]);
  t.deepEqual([power?.intervals[0]?.count, power?.intervals[0]?.expected], [15, 15]);
  t.is(energy?.kind === 'energy' ? energy.intervals[0]?.energy : undefined, 75n);
});

test('readings that failed count as expected and not as there', async (t) => {
  const bench = await openAggregateBench(t);
  const failed = Array.from(
    { length: 15 },
    (_, i) => ({ ...sampleAt(at(10, i)), status: 'timeout' }) as ReturnType<typeof sampleAt>,
  );
  const chain = begun(at(9, 44)).add(
    ...minutes(at(9, 45), at(10), 1000, 5),
    ...failed,
    ...minutes(at(10, 15), at(10, 31), 1150, 5),
  );
  bench.receive(chain, 1, chain.last, at(11));
  bench.follow();
  const { intervals, gaps } = bench.energy('15min', at(9, 45), at(10, 30));
  t.deepEqual(told(intervals), ['09:45 70', '10:00 80', '10:15 75'], 'the sample of 09:59 is the end at 10:00');
  t.deepEqual(
    intervals.map(({ count, expected }) => [count, expected]),
    [
      [15, 15],
      [0, 15],
      [15, 15],
    ],
  );
  t.deepEqual(gaps, []);
});

test('what an LCU delivers again with new entries counts once', async (t) => {
  const bench = await openAggregateBench(t);
  const chain = begun(at(9, 59)).add(...minutes(at(10), at(10, 16), 1000, 5));
  bench.receive(chain, 1, 10, at(10, 10));
  bench.receive(chain, 1, chain.last, at(10, 17), { adds: [chain.held(11, chain.last)] });
  bench.follow();
  const [interval] = bench.energy('15min', at(10), at(10, 15)).intervals;
  t.deepEqual([interval?.energy, interval?.count], [75n, 15]);
});

test('an interval that has not ended is running, and expects what could be there', async (t) => {
  const bench = await openAggregateBench(t);
  const chain = begun(at(9, 59)).add(...minutes(at(10), at(10, 10), 1000, 5));
  bench.nowMs = at(10, 10);
  bench.receive(chain, 1, chain.last, at(10, 10));
  bench.follow();
  const [interval, ...more] = bench.energy('15min', at(10), at(12)).intervals;
  t.deepEqual([interval?.energy, interval?.marks, interval?.running, interval?.expected], [45n, [], true, 10]);
  t.deepEqual(more, []);
});

test('samples that nothing dates are in no interval, and counted', async (t) => {
  const bench = await openAggregateBench(t);
  const chain = new TestChain();
  const guess = { monoMs: 5000, wallMs: at(3), quality: 'none' } as const;
  chain.add({ ...startAt(at(3), chain.boot), at: guess }, { ...sampleAt(at(3), 1, 2), at: guess });
  const other = begun(at(9, 59), 2).add(...minutes(at(10), at(10, 16), 1000, 5));
  bench.receive(other, 1, other.last, at(10, 17));
  bench.receive(chain, 1, 2, at(10, 18), { boot: other.boot });
  bench.follow();
  t.deepEqual(told(bench.energy('15min', at(0), at(10, 15)).intervals), ['10:00 75']);
  t.deepEqual(bench.reader.withoutPlace(0, at(10)), { undated: 1, unplaced: 0, barred: 0 });
});

test('the clock of an LCU that goes back a minute books nothing twice', async (t) => {
  const bench = await openAggregateBench(t);
  const chain = begun(at(9, 59)).add(...minutes(at(10), at(10, 16), 1000, 5));
  for (let i = 0; i < 20; i++) {
    const wallMs = at(10, 14) + i * 60_000;
    chain.add({ ...sampleAt(wallMs, 1080 + i * 5, 1), at: { ...atWall(wallMs + 120_000), wallMs } });
  }
  bench.receive(chain, 1, chain.last, at(10, 40));
  bench.follow();
  const { sum, intervals } = bench.energy('15min', at(10), at(10, 30));
  t.is(
    sum.energy,
    intervals.reduce((all, { energy }) => all + (energy ?? 0n), 0n),
  );
  t.is(sum.energy, BigInt(1000 + 80 + 80 - 1000));
  t.deepEqual(sum.marks, []);
});
