import test from 'ava';
import type { EnergyMark } from '@farola/collector/aggregate/energy-of-intervals.js';
import type { AnalyserRow, KnownEntry } from '@farola/shared';
import { METER, minutes, openAggregateBench, sampleAt, startAt } from '../../fakes/aggregate-bench.js';
import { TestChain } from '../../fakes/test-chain.js';

const DAY = Date.UTC(2026, 10, 22);
const at = (hours: number, mins = 0): number => DAY + hours * 3_600_000 + mins * 60_000;

/** Nothing tells meters at this place apart, and no transformers are configured: what a new LCU has. */
const PLAIN: AnalyserRow = { ...METER, serialNumber: null, ctRatio: null, vtRatio: null };

interface Told {
  readonly energy: bigint | null;
  readonly marks: readonly EnergyMark[];
  readonly gap: readonly [bigint | null | undefined, ...EnergyMark[]];
}

/** What is told of the day and of the gap in hours, from an hour before a gap of 12 h to an hour behind it. */
async function overTheGap(t: Parameters<typeof openAggregateBench>[0], row: AnalyserRow, entries: KnownEntry[]): Promise<Told> {
  const bench = await openAggregateBench(t);
  const chain = new TestChain('malaga-0042');
  chain.add(startAt(at(5, 59), chain.boot, [row]), ...entries);
  bench.receive(chain, 1, chain.last, at(24));
  bench.follow();
  const [day] = bench.energy('day', at(0), at(24)).intervals;
  const [gap] = bench.energy('hour', at(6), at(20)).gaps.filter(({ fromMs, toMs }) => toMs - fromMs > 3_600_000);
  return { energy: day?.energy ?? null, marks: day?.marks ?? [], gap: [gap?.energy, ...(gap?.marks ?? [])] };
}

/** An hour of 3 kW, 12 h of nothing, and an hour of 3 kW from another value on. */
const around = (before: number, after: number, perMinute = 50): KnownEntry[] => [
  ...minutes(at(6), at(7), before, perMinute),
  ...minutes(at(19), at(20), after, perMinute),
];

test('a meter far ahead that took the place of another over 12 h, and nothing tells so, is a jump that books nothing', async (t) => {
  const told = await overTheGap(t, PLAIN, around(1_000, 5_001_000));
  t.is(told.energy, 2n * 59n * 50n);
  t.true(told.marks.includes('jump'));
  t.deepEqual(told.gap, [null, 'jump']);
});

test('twelve hours at 50 kW are counted whatever the point shows, and so is what it could draw at four times the power it shows', async (t) => {
  const small = await overTheGap(t, PLAIN, around(1_000, 1_000 + 600_000));
  t.deepEqual(small.gap, [600_000n - 59n * 50n]);
  const large = await overTheGap(t, PLAIN, around(1_000, 1_000 + 4_000_000, 1_500));
  t.deepEqual(large.gap, [4_000_000n - 59n * 1_500n], '90 kW are shown: 360 kW for 12 h are 4.3 MWh');
});

test('power that is shown in the week behind the gap tells as well: the lamps were dark before it', async (t) => {
  const dark = minutes(at(6), at(7), 1_000, 0);
  const told = await overTheGap(t, PLAIN, [...dark, ...minutes(at(19), at(20), 2_001_000, 1_500)]);
  t.deepEqual(told.gap, [2_000_000n]);
});

test('where no power is read the bound is 1 MW, and transformers that are told are believed', async (t) => {
  const energyAlone = [6, 6.5, 19, 19.5].map((hours, i) => sampleAt(at(hours), i < 2 ? 1_000 : 5_001_000, null));
  t.deepEqual((await overTheGap(t, PLAIN, energyAlone)).gap, [5_000_000n]);
  t.deepEqual((await overTheGap(t, { ...PLAIN, ctRatio: [500, 5] }, around(1_000, 5_001_000))).gap, [5_000_000n - 59n * 50n]);
});

test('a meter that is ahead by what no power of the quarter explains is a jump between two samples of a minute', async (t) => {
  const bench = await openAggregateBench(t);
  const chain = new TestChain('malaga-0042');
  const entries = [...minutes(at(10), at(10, 6), 1_000, 50), ...minutes(at(10, 6), at(10, 16), 17_000, 50)];
  chain.add(startAt(at(9, 59), chain.boot, [PLAIN]), ...entries);
  bench.receive(chain, 1, chain.last, at(24));
  bench.follow();
  const [quarter] = bench.energy('15min', at(10), at(10, 15)).intervals;
  t.deepEqual([quarter?.energy, quarter?.marks], [700n, ['jump']]);
});
