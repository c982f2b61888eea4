import test from 'ava';
import type { IntervalEnergy } from '@farola/collector/aggregate/energy-of-intervals.js';
import { type AnalyserRow, type KnownEntry, SAMPLE_FLAGS, type SampleValue } from '@farola/shared';
import { atWall, METER, minutes, openAggregateBench, sampleAt, startAt } from '../../fakes/aggregate-bench.js';
import { TestChain } from '../../fakes/test-chain.js';

const DAY = Date.UTC(2026, 10, 22);
const at = (hours: number, mins = 0, seconds = 0): number => DAY + hours * 3_600_000 + mins * 60_000 + seconds * 1_000;
/** Nothing tells the meters at this place apart but what the LCU marks. */
const NAMELESS: AnalyserRow = { ...METER, serialNumber: null };

function begun(atMs: number, byte = 1): TestChain {
  const chain = new TestChain('malaga-0042', byte);
  return chain.add(startAt(atMs, chain.boot, [NAMELESS]));
}

/** A sample whose counter is the first that another meter shows. */
function exchangedAt(wallMs: number, wh: SampleValue): KnownEntry {
  const flags = [{ code: SAMPLE_FLAGS['meter-exchanged'], places: [0] }];
  return { ...sampleAt(wallMs, wh, 300), marks: { offsets: [], flags } } as KnownEntry;
}

const told = (of: readonly IntervalEnergy[]): string[] =>
  of.map(({ fromMs, energy, marks }) => [new Date(fromMs).toISOString().slice(11, 16), energy ?? '-', ...marks].join(' '));

/** What the first counter of the other meter shows: each would be booked, or be told as something else, if it were the same meter. */
const SHOWN = [
  ['a little more', 1_500],
  ['as much as can have been counted', 9_000],
  ['less', 3],
  ['much more', 80_000_000],
] as const;

for (const [name, shown] of SHOWN) {
  test(`another meter without a serial number that shows ${name} begins the series anew`, async (t) => {
    const bench = await openAggregateBench(t);
    const chain = begun(at(9, 59)).add(
      ...minutes(at(10), at(10, 6), 1_000, 5),
      exchangedAt(at(10, 6), shown),
      ...minutes(at(10, 7), at(10, 16), shown + 5, 5),
    );
    bench.receive(chain, 1, chain.last, at(11));
    bench.follow();
    const { intervals, sum } = bench.energy('15min', at(10), at(10, 15));
    t.deepEqual(told(intervals), ['10:00 70 meter-exchanged'], '25 Wh of the one and 45 of the other');
    t.deepEqual([sum.energy, sum.marks], [70n, ['meter-exchanged']]);
  });
}

test('an exchange while nothing was read is a gap of unknown energy, and no interval has any of it', async (t) => {
  const bench = await openAggregateBench(t);
  const chain = begun(at(9, 59)).add(
    ...minutes(at(10), at(10, 8), 1_000, 5),
    exchangedAt(at(10, 50), 4_000),
    ...minutes(at(10, 51), at(11, 16), 4_005, 5),
  );
  bench.receive(chain, 1, chain.last, at(12));
  bench.follow();
  const { intervals, gaps, sum } = bench.energy('15min', at(10), at(11, 15));
  t.deepEqual(told(intervals), [
    '10:00 35 end-missing',
    '10:15 - no-data',
    '10:30 - no-data',
    '10:45 50 begin-missing',
    '11:00 75',
  ]);
  t.deepEqual(
    gaps.map(({ fromMs, toMs, energy, marks }) => [fromMs, toMs, energy, marks]),
    [[at(10, 7), at(10, 50), null, ['meter-exchanged']]],
  );
  t.deepEqual([sum.energy, sum.marks], [160n, ['meter-exchanged']]);
  t.deepEqual(told(bench.energy('day', at(0), at(24)).intervals), ['00:00 160 meter-exchanged first-reading end-missing']);
});

test('an exchange at the end of an interval is told once, by the interval whose end it breaks', async (t) => {
  const bench = await openAggregateBench(t);
  const chain = begun(at(9, 59)).add(
    ...minutes(at(10), at(10, 15), 1_000, 5),
    exchangedAt(at(10, 15), 1_075),
    ...minutes(at(10, 16), at(10, 31), 1_080, 5),
  );
  bench.receive(chain, 1, chain.last, at(11));
  bench.follow();
  const { intervals, sum } = bench.energy('15min', at(10), at(10, 30));
  t.deepEqual(told(intervals), ['10:00 70 meter-exchanged', '10:15 75']);
  t.is(sum.energy, 145n);
});

test('an exchange during a restart of the agent breaks the series at the first sample of the next epoch', async (t) => {
  const bench = await openAggregateBench(t);
  const first = begun(at(9, 59)).add(...minutes(at(10), at(10, 6), 1_000, 5));
  const second = begun(at(10, 6), 2).add(exchangedAt(at(10, 7), 1_100), ...minutes(at(10, 8), at(10, 16), 1_105, 5));
  bench.receive(first, 1, first.last, at(10, 7));
  bench.receive(second, 1, second.last, at(10, 17));
  bench.follow();
  t.deepEqual(told(bench.energy('15min', at(10), at(10, 15)).intervals), ['10:00 65 meter-exchanged']);
});

test('a clock that goes back over an exchange holds no counter against that of the other meter', async (t) => {
  const bench = await openAggregateBench(t);
  const back = (entry: KnownEntry, n: number): KnownEntry => {
    return { ...entry, at: { ...atWall(at(10, 10) + n * 60_000), wallMs: at(10, 3, 30) + n * 60_000 } };
  };
  const chain = begun(at(9, 59)).add(
    ...minutes(at(10), at(10, 10), 1_000, 5),
    ...[exchangedAt(0, 3_000), ...minutes(0, 15 * 60_000, 3_005, 5)].map(back),
  );
  bench.receive(chain, 1, chain.last, at(11));
  bench.follow();
  const { sum, intervals } = bench.energy('15min', at(10), at(10, 15));
  t.deepEqual(sum.marks, ['meter-exchanged']);
  t.true((sum.energy ?? 0n) <= 45n + 75n, told(intervals).join());
});

test('a counter that is not marked goes on, whatever else of its sample is', async (t) => {
  const bench = await openAggregateBench(t);
  const marked = { code: SAMPLE_FLAGS['setting-changed'], places: [0, 1] };
  const chain = begun(at(9, 59)).add(
    ...minutes(at(10), at(10, 6), 1_000, 5),
    { ...sampleAt(at(10, 6), 1_030, 300), marks: { offsets: [], flags: [marked] } } as KnownEntry,
    ...minutes(at(10, 7), at(10, 16), 1_035, 5),
  );
  bench.receive(chain, 1, chain.last, at(11));
  bench.follow();
  t.deepEqual(told(bench.energy('15min', at(10), at(10, 15)).intervals), ['10:00 75']);
});
