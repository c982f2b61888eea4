import test from 'ava';
import type { IntervalEnergy } from '@farola/collector/aggregate/energy-of-intervals.js';
import { type KnownEntry, SAMPLE_FLAGS } from '@farola/shared';
import { type AggregateBench, minutes, openAggregateBench, sampleAt, startAt } from '../../fakes/aggregate-bench.js';
import { TestChain } from '../../fakes/test-chain.js';

const DAY = Date.UTC(2026, 10, 22);
const at = (hours: number, mins = 0): number => DAY + hours * 3_600_000 + mins * 60_000;

const told = (of: readonly IntervalEnergy[]): string[] =>
  of.map(({ fromMs, energy, marks }) => [new Date(fromMs).toISOString().slice(11, 16), energy ?? '-', ...marks].join(' '));

async function followed(t: Parameters<typeof openAggregateBench>[0], entries: readonly KnownEntry[]): Promise<AggregateBench> {
  const bench = await openAggregateBench(t);
  const chain = new TestChain('malaga-0042');
  chain.add(startAt(at(9, 59), chain.boot), ...entries);
  bench.receive(chain, 1, chain.last, at(12));
  bench.follow();
  return bench;
}

/** 5 Wh a minute from 10:00 to 10:31; the sample of one minute shows something else. */
function withOne(minute: number, wh: number, shown: number, flag?: keyof typeof SAMPLE_FLAGS): KnownEntry[] {
  const entries = minutes(at(10), at(10, 31), wh, 5);
  const flags = flag ? [{ code: SAMPLE_FLAGS[flag], places: [0] }] : [];
  entries[minute] = { ...sampleAt(at(10, minute), shown, 300), marks: { offsets: [], flags } } as KnownEntry;
  return entries;
}

/** In the middle of a quarter, and the first and last sample of one, which others stand beside in other quarters. */
const MINUTES = [7, 14, 15] as const;

for (const [name, wh, off] of [
  ['a zero of a counter below the bound', 8_000, -Infinity],
  ['a zero of a counter far above it', 81_000_000, -Infinity],
  ['a value 9 kWh too low', 81_000_000, -9_000],
  ['a value 9 kWh too high', 81_000_000, 9_000],
  ['a value 40 MWh too high', 81_000_000, 40_000_000],
] as const) {
  for (const minute of MINUTES) {
    test(`${name}, in minute ${minute}, is no energy and loses none`, async (t) => {
      const bench = await followed(t, withOne(minute, wh, Math.max(0, wh + minute * 5 + off)));
      const { intervals, sum } = bench.energy('15min', at(10), at(10, 30));
      t.is(sum.energy, 150n, told(intervals).join());
      t.deepEqual(sum.marks, ['glitch']);
      for (const { energy } of intervals) t.true(energy === 75n || (minute === 15 && (energy === 70n || energy === 80n)));
      t.is(bench.energy('hour', at(10), at(11)).intervals[0]?.energy, 150n);
    });
  }
}

test('a zero before an hour without power is not the begin of the gap', async (t) => {
  const entries = [
    ...minutes(at(10), at(10, 6), 900_000, 5),
    sampleAt(at(10, 6), 0, 0),
    ...minutes(at(11, 6), at(11, 16), 900_325, 5),
  ];
  const { gaps, sum } = (await followed(t, entries)).energy('15min', at(10), at(11, 15));
  t.deepEqual(
    gaps.map(({ fromMs, energy, marks }) => [fromMs, energy, marks]),
    [[at(10, 5), 300n, []]],
  );
  t.deepEqual([sum.energy, sum.marks], [370n, ['glitch']]);
});

test('zeros and jumps that the LCU marks are no part of the series, however many follow each other', async (t) => {
  const entries = minutes(at(10), at(10, 31), 8_000, 5);
  for (const minute of [13, 14, 15, 16]) {
    const flags = [{ code: SAMPLE_FLAGS[minute < 15 ? 'counter-zero' : 'counter-jumped'], places: [0] }];
    entries[minute] = { ...sampleAt(at(10, minute), minute < 15 ? 0 : 12_000, 300), marks: { offsets: [], flags } } as KnownEntry;
  }
  const { intervals, sum, gaps } = (await followed(t, entries)).energy('15min', at(10), at(10, 30));
  t.deepEqual([sum.energy, sum.marks], [150n, ['glitch']], told(intervals).join());
  t.deepEqual(
    intervals.map(({ count }) => count),
    [15, 15],
    'they are samples that have the counter',
  );
  t.is(gaps.length, 1, 'none is within 60 s of 10:15');
});

test('an interval with nothing but glitches tells no energy, and the gap over it all of it', async (t) => {
  const entries = minutes(at(10), at(10, 46), 8_000, 5);
  for (let minute = 15; minute < 30; minute++) {
    const flags = [{ code: SAMPLE_FLAGS['counter-jumped'], places: [0] }];
    entries[minute] = { ...sampleAt(at(10, minute), 500 * minute, 300), marks: { offsets: [], flags } } as KnownEntry;
  }
  const { intervals, sum } = (await followed(t, entries)).energy('15min', at(10), at(10, 45));
  t.deepEqual(told(intervals), ['10:00 70', '10:15 80 glitch', '10:30 75']);
  t.is(sum.energy, 225n);
});

test('a counter that was reset stays a reset, whether its LCU marks the zeros or not', async (t) => {
  for (const flag of ['counter-zero', undefined] as const) {
    const entries = withOne(15, 8_000, 0, flag).slice(0, 16);
    entries.push(...minutes(at(10, 16), at(10, 31), 5, 5));
    const { sum } = (await followed(t, entries)).energy('15min', at(10), at(10, 30));
    t.deepEqual(sum.marks, flag ? ['reset', 'glitch'] : ['reset']);
    t.is(sum.energy, flag ? 140n : 145n);
  }
});

test('the last value of all is a reset until the next one tells', async (t) => {
  const entries = withOne(14, 8_000, 0);
  const before = (await followed(t, entries.slice(0, 15))).energy('15min', at(10), at(10, 15));
  t.deepEqual(told(before.intervals), ['10:00 65 reset']);
  const after = (await followed(t, entries.slice(0, 16))).energy('15min', at(10), at(10, 15));
  t.deepEqual(told(after.intervals), ['10:00 75 glitch']);
});
