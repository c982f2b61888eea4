import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import test from 'ava';
import type { QuantitySeries } from '@farola/collector/aggregate/interval-series.js';
import { QUARTER_MS } from '@farola/collector/aggregate/quarter.js';
import type { AnalyserRow, KnownEntry, SampleEntry } from '@farola/shared';
import { type AggregateBench, atWall, ENERGY, METER, openAggregateBench, POWER, startAt } from '../../fakes/aggregate-bench.js';
import { TestChain } from '../../fakes/test-chain.js';
import { runs } from '../shared/runs.js';

const BEGIN = Date.UTC(2026, 10, 22, 9, 59, 30);
const HOURS = 4;
const END = BEGIN + HOURS * 3_600_000;
/** Entries of one answer. */
const ANSWER = 240;
const RECEIPT = END + 3_600_000;

/** Energies and instantaneous values: activeEnergyExportTotal and voltageL1 beside those of METER. */
const MEASURED = [ENERGY, 25, POWER, 1];
const PERIODS = [20, 60, 300, 600, 900, 3_600];

/** How an analyser is split, and what befalls it. */
const history = fc.record({
  /** Of each quantity, which group it is in. */
  groups: fc.tuple(...MEASURED.map(() => fc.nat({ max: 2 }))),
  periods: fc.tuple(...[0, 1, 2].map(() => fc.constantFrom(...PERIODS))),
  /** When each group is read first, ms after its epoch began; and when each quantity is asked for, ms after that. */
  phases: fc.tuple(...[0, 1, 2].map(() => fc.nat({ max: 30_000 }))),
  offsets: fc.tuple(...MEASURED.map(() => fc.nat({ max: 20_000 }))),
  /** When the agent began anew, minutes. */
  restarts: fc.array(fc.integer({ min: 1, max: HOURS * 60 - 1 }), { maxLength: 3 }),
  outages: fc.array(fc.record({ from: fc.nat({ max: HOURS * 60 }), minutes: fc.nat({ max: 90 }) }), { maxLength: 3 }),
  seed: fc.nat(),
});

type History = typeof history extends fc.Arbitrary<infer Of> ? Of : never;

/** Of quantity `i` of MEASURED at a time; a counter begins anew now and then, and now and then a value is missing. */
function valueAt({ seed }: History, i: number, wallMs: number): number | null {
  const minute = Math.floor((wallMs - BEGIN) / 60_000);
  if ((minute * 7 + seed + i * 13) % 19 === 0) return null;
  const since = (minute + seed * (i + 1)) % 97;
  return since * 50 + i;
}

/** The moments at which a group is read, in time, by epochs. */
function readings(of: History, group: number): number[][] {
  const begins = [BEGIN, ...of.restarts.map((minutes) => BEGIN + minutes * 60_000).sort((a, b) => a - b)];
  return begins.map((begin, i) => {
    const step = of.periods[group]! * 1_000;
    const first = begin + of.phases[group]!;
    const count = Math.max(0, Math.ceil(((begins[i + 1] ?? END) - first) / step));
    return Array.from({ length: count }, (_, k) => first + k * step).filter((wallMs) => !isOut(of, wallMs));
  });
}

function isOut({ outages }: History, wallMs: number): boolean {
  const minute = (wallMs - BEGIN) / 60_000;
  return outages.some(({ from, minutes }) => minute >= from && minute < from + minutes);
}

/** A sample of a group with these quantities, by their places in MEASURED. */
function sampleOf(of: History, index: number, places: readonly number[], wallMs: number): SampleEntry {
  const failed = (Math.floor((wallMs - BEGIN) / 1_000) + of.seed) % 11 === 0;
  const common = { kind: 'sample', at: atWall(wallMs), analyser: index, spanMs: 20_000 } as const;
  if (failed) return { ...common, status: 'timeout', values: [] };
  const offsets = places.map((place) => ({ count: 1, ms: of.offsets[place]! }));
  const values = places.map((place) => valueAt(of, place, wallMs));
  return { ...common, status: 'partial', values, marks: { offsets, flags: [] } };
}

/** The samples of some groups, each with quantities by their places, as an LCU of its own delivers them. */
function deliver(
  bench: AggregateBench,
  lcuNo: number,
  of: History,
  groups: readonly (readonly [number, readonly number[]])[],
): void {
  bench.stays.set(lcuNo, [{ panel: `panel-${lcuNo}`, lcuId: `lcu-${lcuNo}`, fromMs: 0, toMs: null }]);
  const rows = groups.map(([group, places], index): AnalyserRow => {
    return { ...METER, index, quantities: places.map((place) => MEASURED[place]!), periodS: of.periods[group]! };
  });
  const epochs = groups.map(([group]) => readings(of, group));
  for (const i of [...of.restarts, 0].keys()) {
    const chain = new TestChain(`lcu-${lcuNo}`, 16 * lcuNo + i + 1, lcuNo + 1);
    const samples = groups.flatMap(([, places], index) => epochs[index]![i]!.map((ms) => sampleOf(of, index, places, ms)));
    const entries: KnownEntry[] = samples.sort((a, b) => a.at.wallMs - b.at.wallMs || a.analyser - b.analyser);
    chain.add(startAt(BEGIN, chain.boot, rows), ...entries);
    for (let n = 1; n <= chain.last; n += ANSWER)
      bench.receive(chain, n, Math.min(chain.last, n + ANSWER - 1), RECEIPT, { lcuNo });
  }
}

/** What is told of a quantity, from the quarter on in which it was read first. */
function toldOf(
  bench: AggregateBench,
  lcuNo: number,
  place: number,
  kind: 'hour' | '15min',
  fromMs: number,
): QuantitySeries | undefined {
  const all = bench.series(kind, fromMs, END + 1_800_000, 'UTC', `panel-${lcuNo}/main`);
  return all.find(({ quantity }) => quantity.id === MEASURED[place]);
}

test('any splitting of an analyser into groups tells of each quantity what an analyser of its own would', async (t) => {
  let told = 0;
  await fc.assert(
    fc.asyncProperty(history, async (of) => {
      const bench = await openAggregateBench(t);
      const groups = [0, 1, 2]
        .map((group) => [group, [...MEASURED.keys()].filter((place) => of.groups[place] === group)] as const)
        .filter(([, places]) => places.length > 0);
      deliver(bench, 0, of, groups);
      for (const place of MEASURED.keys()) deliver(bench, place + 1, of, [[of.groups[place]!, [place]]]);
      bench.follow();
      for (const place of MEASURED.keys()) {
        const own = bench.reader.span(`panel-${place + 1}/main`);
        if (!own) continue;
        for (const kind of ['15min', 'hour'] as const) {
          const fromMs = kind === 'hour' ? Math.ceil(own.first / 4) * 4 * QUARTER_MS : own.first * QUARTER_MS;
          const alone = toldOf(bench, place + 1, place, kind, fromMs);
          t.deepEqual(toldOf(bench, 0, place, kind, fromMs), alone, JSON.stringify({ place, kind, of }));
          told += alone?.intervals.length ?? 0;
        }
      }
      await wait(0);
    }),
    runs(40),
  );
  t.true(told > 0);
});
