import test from 'ava';
import type { QuantitySeries } from '@farola/collector/aggregate/interval-series.js';
import type { AnalyserRow, KnownEntry, SampleEntry } from '@farola/shared';
import {
  type AggregateBench,
  atWall,
  ENERGY,
  METER,
  minutes,
  openAggregateBench,
  POWER,
  startAt,
} from '../../fakes/aggregate-bench.js';
import { TestChain } from '../../fakes/test-chain.js';

const DAY = Date.UTC(2026, 10, 22);
const VOLTAGE = 1;
const at = (hours: number, mins = 0, seconds = 0): number => DAY + hours * 3_600_000 + mins * 60_000 + seconds * 1_000;

const ENERGIES: AnalyserRow = { ...METER, index: 0, quantities: [ENERGY], periodS: 60 };
const VOLTAGES: AnalyserRow = { ...METER, index: 1, quantities: [VOLTAGE], periodS: 900 };

/** A chain of one epoch that begins with a start entry at a time. */
function begun(atMs: number, rows: readonly AnalyserRow[], byte = 1): TestChain {
  const chain = new TestChain('malaga-0042', byte);
  return chain.add(startAt(atMs, chain.boot, [...rows]));
}

function read(row: AnalyserRow, wallMs: number, change: Partial<SampleEntry> = {}): KnownEntry {
  return { kind: 'sample', at: atWall(wallMs), analyser: row.index, spanMs: 5_000, status: 'complete', values: [7], ...change };
}

/** Samples of a row from a time on, up to another, which is not included. */
function each(row: AnalyserRow, fromMs: number, toMs: number): KnownEntry[] {
  const count = Math.ceil((toMs - fromMs) / (row.periodS * 1_000));
  return Array.from({ length: count }, (_, i) => read(row, fromMs + i * row.periodS * 1_000));
}

function series(bench: AggregateBench, quantity: number, fromMs: number, toMs: number): QuantitySeries {
  const found = bench.series('15min', fromMs, toMs).find((one) => one.quantity.id === quantity);
  if (!found) throw new RangeError(`quantity ${quantity} is not told`);
  return found;
}

function counts(bench: AggregateBench, quantity: number, fromMs: number, toMs: number): string[] {
  return series(bench, quantity, fromMs, toMs).intervals.map(({ count, expected }) => `${count}/${expected}`);
}

test('each quantity is expected by the period of its own row', async (t) => {
  const bench = await openAggregateBench(t);
  const chain = begun(at(9, 59), [ENERGIES, VOLTAGES]);
  chain.add(...each(ENERGIES, at(10), at(10, 30)), ...each(VOLTAGES, at(10), at(10, 30)));
  bench.receive(chain, 1, chain.last, at(11));
  bench.follow();
  t.deepEqual(counts(bench, ENERGY, at(10), at(10, 30)), ['15/15', '15/15']);
  t.deepEqual(counts(bench, VOLTAGE, at(10), at(10, 30)), ['1/1', '1/1']);
  t.deepEqual(bench.reader.points({}), ['plaza/main']);
});

test('a group that is read once an hour is expected once an hour, also in the quarters without a sample of it', async (t) => {
  const bench = await openAggregateBench(t);
  const hourly = { ...VOLTAGES, periodS: 3_600 };
  const chain = begun(at(9, 59), [ENERGIES, hourly]);
  chain.add(...each(ENERGIES, at(10), at(12)), ...each(hourly, at(10), at(11)));
  bench.receive(chain, 1, chain.last, at(13));
  bench.follow();
  const hours = bench.series('hour', at(10), at(12)).find(({ quantity }) => quantity.id === VOLTAGE);
  t.deepEqual(
    hours?.intervals.map(({ count, expected }) => [count, expected]),
    [
      [1, 1],
      [0, 1],
    ],
  );
  t.deepEqual(counts(bench, VOLTAGE, at(10, 15), at(10, 45)), ['0/0', '0/0']);
});

test('a period that changes within a quarter is expected on both sides by the one of then', async (t) => {
  const bench = await openAggregateBench(t);
  const faster = { ...ENERGIES, periodS: 30 };
  const before = begun(at(9, 59), [ENERGIES]).add(...each(ENERGIES, at(10), at(10, 20)));
  const after = begun(at(10, 20), [faster], 2).add(...each(faster, at(10, 20), at(10, 45)));
  bench.receive(before, 1, before.last, at(11));
  bench.receive(after, 1, after.last, at(11));
  bench.follow();
  t.deepEqual(counts(bench, ENERGY, at(10), at(10, 45)), ['15/15', '25/25', '30/30']);
});

test('a quantity is expected as long as a table names it: not before its group was added, nor behind its end', async (t) => {
  const bench = await openAggregateBench(t);
  const fast = { ...VOLTAGES, periodS: 60 };
  const chains = [
    begun(at(9, 59), [ENERGIES], 1).add(...each(ENERGIES, at(10), at(10, 20))),
    begun(at(10, 20), [ENERGIES, fast], 2).add(...each(fast, at(10, 20), at(10, 40)), ...each(ENERGIES, at(10, 20), at(10, 40))),
    begun(at(10, 40), [ENERGIES], 3).add(...each(ENERGIES, at(10, 40), at(11))),
  ];
  for (const chain of chains) bench.receive(chain, 1, chain.last, at(12));
  bench.follow();
  t.deepEqual(counts(bench, VOLTAGE, at(10), at(11)), ['0/0', '10/10', '10/10', '0/0']);
  t.deepEqual(counts(bench, ENERGY, at(10), at(11)), ['15/15', '15/15', '15/15', '15/15']);
});

test('a row that takes the place of another in its epoch goes on with its quantities', async (t) => {
  const bench = await openAggregateBench(t);
  const faster = { ...ENERGIES, index: 2, periodS: 30 };
  const chain = begun(at(9, 59), [ENERGIES, VOLTAGES]).add(...each(ENERGIES, at(10), at(10, 20)));
  chain.add({ kind: 'table', at: atWall(at(10, 20)), analysers: [faster], retired: [0] });
  chain.add(read(VOLTAGES, at(10, 20)), ...each(faster, at(10, 20), at(10, 30)));
  bench.receive(chain, 1, chain.last, at(11));
  bench.follow();
  t.deepEqual(counts(bench, ENERGY, at(10), at(10, 30)), ['15/15', '25/25']);
});

test('a counter stands at the end of an interval by when it was asked, no more than 60 s away', async (t) => {
  for (const [offsetMs, marks] of [
    [2_000, []],
    [2_001, ['begin-missing']],
  ] as const) {
    const bench = await openAggregateBench(t);
    const both = { ...METER, quantities: [POWER, ENERGY] };
    const offsets = [
      { count: 1, ms: 0 },
      { count: 1, ms: offsetMs },
    ];
    const sample = (wallMs: number, wh: number): KnownEntry => {
      return read(both, wallMs, { values: [1, wh], marks: { offsets, flags: [] } });
    };
    const chain = begun(at(9, 40), [both]).add(sample(at(9, 50), 0), sample(at(10, 0, 58), 7), sample(at(10, 14, 59), 17));
    bench.receive(chain, 1, chain.last, at(11));
    bench.follow();
    const energy = series(bench, ENERGY, at(10), at(10, 15));
    t.deepEqual([energy.intervals[0]?.count, ...(energy.kind === 'energy' ? energy.intervals[0]!.marks : [])], [1, ...marks]);
    const next = series(bench, ENERGY, at(10, 15), at(10, 30));
    t.is(next.intervals[0]?.count, 1, 'a counter that was asked behind the end is of the next quarter');
    t.is(series(bench, POWER, at(10), at(10, 15)).intervals[0]?.count, 2);
  }
});

test('security: offsets without end lead nowhere but an hour on', async (t) => {
  const bench = await openAggregateBench(t);
  const marks = { offsets: [{ count: 1, ms: Number.MAX_SAFE_INTEGER }], flags: [] };
  const chain = begun(at(9, 59), [ENERGIES]).add(
    read(ENERGIES, at(10), { spanMs: Number.MAX_SAFE_INTEGER, marks }),
    read(ENERGIES, at(10, 1)),
  );
  bench.receive(chain, 1, chain.last, at(11));
  bench.follow();
  t.deepEqual(bench.reader.span('plaza/main'), { first: at(10) / 900_000, last: at(11) / 900_000 });
});

test('values of another meter are none, whatever stands in the sample', async (t) => {
  const bench = await openAggregateBench(t);
  const chain = begun(at(9, 59), [ENERGIES]).add(
    ...each(ENERGIES, at(10), at(10, 14)),
    read(ENERGIES, at(10, 14), { status: 'other-meter', values: [90_000_000] }),
    ...each(ENERGIES, at(10, 15), at(10, 16)),
  );
  bench.receive(chain, 1, chain.last, at(11));
  bench.follow();
  const energy = series(bench, ENERGY, at(10), at(10, 15));
  t.deepEqual(counts(bench, ENERGY, at(10), at(10, 15)), ['14/15']);
  t.deepEqual(energy.kind === 'energy' ? energy.sum.energy : undefined, 0n);
});

test('samples that a rule marks are counted of each quantity, and stand as they were read', async (t) => {
  const bench = await openAggregateBench(t);
  const chain = begun(at(9, 59), [METER]).add(
    ...minutes(at(10), at(10, 16), 1000, 5).map((entry, i): KnownEntry => {
      const flags = [
        { code: 6, places: [0] },
        { code: 9, places: i < 5 ? [0, 1] : [1] },
      ];
      return entry.kind === 'sample' && i < 7 ? { ...entry, marks: { offsets: [], flags } } : entry;
    }),
  );
  bench.receive(chain, 1, chain.last, at(11));
  bench.follow();
  const [energy, power] = [ENERGY, POWER].map((quantity) => series(bench, quantity, at(10), at(10, 15)));
  t.deepEqual([energy!.intervals[0]?.flagged, power!.intervals[0]?.flagged], [7, 7]);
  t.deepEqual(energy?.kind === 'energy' ? [energy.sum.energy, energy.sum.flagged] : [], [75n, 7]);
});
