import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import test from 'ava';
import { isGlitch } from '@farola/collector/aggregate/counter-glitch.js';
import { counterStep } from '@farola/collector/aggregate/counter-step.js';
import { energyOfIntervals } from '@farola/collector/aggregate/energy-of-intervals.js';
import { QUARTER_MS, quarterOf } from '@farola/collector/aggregate/quarter.js';
import { decodeSummary, encodeSummary } from '@farola/collector/aggregate/quarter-summary.js';
import { type PointSample, summariseQuarter } from '@farola/collector/aggregate/summarise-quarter.js';
import type { KnownEntry } from '@farola/shared';
import {
  type AggregateBench,
  atWall,
  ENERGY,
  METER,
  OF_METER,
  openAggregateBench,
  sampleAt,
  startAt,
} from '../../fakes/aggregate-bench.js';
import { analyser, TestChain } from '../../fakes/test-chain.js';
import { runs } from '../shared/runs.js';

const BEGIN = Date.UTC(2026, 10, 22);
const RECEIPTS = Date.UTC(2026, 10, 23);

/** What an LCU may write after a start entry, beside the time that passes before it. */
const written = fc.record({
  seconds: fc.constantFrom(1, 30, 60, 60, 60, 60, 61, 600, 4000),
  what: fc.constantFrom('sample', 'sample', 'sample', 'sample', 'failed', 'reset', 'clock', 'table', 'restart', 'boot'),
  wh: fc.constantFrom(0, 5, 5, 5, 400, 90_000_000),
  /** Whether the clock is right. */
  right: fc.boolean(),
});

type Written = typeof written extends fc.Arbitrary<infer Of> ? Of : never;

/** The epochs that come of it. */
function chainsOf(steps: readonly Written[]): TestChain[] {
  let wallMs = BEGIN;
  let value = 1000;
  let boot = 1;
  const chains: TestChain[] = [];
  const begin = (): TestChain => {
    const chain = new TestChain('malaga-0042', chains.length + 1, boot);
    chains.push(chain.add(startAt(wallMs, chain.boot)));
    return chain;
  };
  let chain = begin();
  for (const { seconds, what, wh, right } of steps) {
    wallMs += seconds * 1000;
    value += wh;
    const at = right ? atWall(wallMs) : { ...atWall(wallMs), wallMs: wallMs - 9_000_000, quality: 'none' as const };
    const sample = { ...sampleAt(wallMs, value, wh), at } as KnownEntry;
    if (what === 'sample') chain.add(sample);
    if (what === 'failed') chain.add({ ...sample, status: 'timeout', values: [] } as KnownEntry);
    if (what === 'reset') chain.add(sampleAt(wallMs, (value = 3), wh));
    if (what === 'clock') chain.add({ kind: 'clock', at, before: at });
    if (what === 'table')
      chain.add({ kind: 'table', at, analysers: [analyser(chain.last, 'second', METER)], retired: [] }, sample);
    if (what === 'boot') boot++;
    if (what === 'restart' || what === 'boot') chain = begin();
  }
  return chains;
}

/** Ranges of the epochs, in the order of a shuffle, with the time of each receipt. */
function rangesOf(chains: readonly TestChain[], length: number): { chain: TestChain; from: number; to: number }[] {
  return chains.flatMap((chain) =>
    Array.from({ length: Math.ceil(chain.last / length) }, (_, i) => {
      return { chain, from: i * length + 1, to: Math.min(chain.last, (i + 1) * length) };
    }),
  );
}

function everything(bench: AggregateBench): object {
  const points = bench.reader.points({});
  const quarters = points.map((point) => {
    const all = [];
    for (let quarter = quarterOf(BEGIN) - 30; quarter < quarterOf(RECEIPTS) + 30; quarter++) {
      const summary = bench.reader.quarter(point, quarter);
      if (summary) all.push([quarter, summary]);
    }
    return [point, all];
  });
  return { quarters: quarters.filter(([, all]) => all!.length > 0), without: bench.reader.withoutPlace(0, 0) };
}

test('what was followed is what is made anew, whatever the order of receipt, judgements and moves', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(written, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 12 }),
      fc.infiniteStream(fc.nat()),
      fc.array(fc.record({ at: fc.nat({ max: 59 }), what: fc.constantFrom('quarantined', 'released', 'move') }), {
        maxLength: 3,
      }),
      async (steps, length, dice, changes) => {
        const bench = await openAggregateBench(t);
        const ranges = rangesOf(chainsOf(steps), length);
        for (let i = ranges.length - 1; i > 0; i--) {
          const j = dice.next().value % (i + 1);
          [ranges[i], ranges[j]] = [ranges[j]!, ranges[i]!];
        }
        for (const [i, { chain, from, to }] of ranges.entries()) {
          const receivedAtMs = RECEIPTS + i * 60_000;
          for (const { what } of changes.filter(({ at }) => at === i)) change(bench, what, receivedAtMs - 200_000);
          const boot = dice.next().value % 4 === 0 ? new Uint8Array(16).fill(99) : chain.boot;
          bench.receive(chain, from, to, receivedAtMs, { boot });
          if (dice.next().value % 2 === 0) bench.follow();
          if (dice.next().value % 5 === 0) bench.restart();
        }
        for (const { what } of changes.filter(({ at }) => at >= ranges.length)) change(bench, what, RECEIPTS);
        bench.follow();
        bench.restart();
        bench.follow();
        const anew = await openAggregateBench(t);
        anew.takeOver(bench);
        anew.follow();
        t.deepEqual(everything(bench), everything(anew));
        await wait(0);
      },
    ),
    runs(60),
  );
});

function change(bench: AggregateBench, what: 'quarantined' | 'released' | 'move', atMs: number): void {
  bench.version++;
  const stays = bench.stays.get(0)!;
  if (what === 'move')
    bench.stays.set(0, [...stays, { panel: `plaza-${stays.length}`, lcuId: 'malaga-0042', fromMs: atMs, toMs: null }]);
  else bench.ledger.judge({ lcuNo: 0, judgedAtMs: atMs, code: what, facts: {}, key: null, kept: null });
}

const samples = fc
  .array(
    fc.record({
      seconds: fc.constantFrom(1, 30, 60, 60, 60, 300, 2000, 9000),
      wh: fc.constantFrom(0, 5, 5, 70, -9000, 9000, 9e9),
      jump: fc.nat({ max: 9 }),
      isOther: fc.boolean(),
    }),
    { minLength: 2, maxLength: 80 },
  )
  .map((steps): PointSample[] => {
    let takenAtMs = BEGIN;
    let value = 5_000_000n;
    return steps.map(({ seconds, wh, jump, isOther }, i) => {
      takenAtMs += seconds * 1000;
      value += BigInt(jump === 0 ? wh : Math.min(70, Math.max(0, wh)));
      if (value < 0n) value = 0n;
      const common = { epoch: new Uint8Array(8), n: i + 1, meter: new Uint8Array(8), ratedW: 50_000, ...OF_METER };
      return {
        ...common,
        takenAtMs,
        quantities: [ENERGY],
        values: [value],
        exchanged: new Set(isOther && jump === 0 ? [ENERGY] : []),
      };
    });
  });

test('intervals and gaps add up to what the counter counted between the samples at their ends, of any length', (t) => {
  fc.assert(
    fc.property(samples, fc.constantFrom(1, 4, 96), (all, length) => {
      const numbers = [...new Set(all.map(({ takenAtMs }) => quarterOf(takenAtMs)))];
      const quarters = numbers.map((quarter) => {
        const inside = all.filter(({ takenAtMs }) => quarterOf(takenAtMs) === quarter);
        const [counter] = decodeSummary(encodeSummary(summariseQuarter(inside))).counters;
        return { beginMs: quarter * QUARTER_MS, counter: counter! };
      });
      const begin = numbers[0]! - (numbers[0]! % length);
      const count = Math.floor((numbers.at(-1)! - begin) / length) + 2;
      const intervals = Array.from({ length: count }, (_, i) => {
        return { fromMs: (begin + i * length) * QUARTER_MS, toMs: (begin + (i + 1) * length) * QUARTER_MS };
      });
      const series = energyOfIntervals(quarters, intervals, false);
      const told = [...series.intervals, ...series.gaps].reduce((sum, { energy }) => sum + (energy ?? 0n), 0n);
      const points = all.map((sample) => {
        return { at: sample, value: BigInt(sample.values[0]!), isOfOther: sample.exchanged.has(ENERGY) };
      });
      const lasting = points.filter((point, i) => !isGlitch(points[i - 1], point, points[i + 1], false));
      const counted = lasting.slice(1).reduce((sum, point, i) => {
        const step = counterStep(lasting[i]!, point, false);
        return sum + ('counted' in step ? step.counted : 0n);
      }, 0n);
      t.is(told, counted);
      t.true([...series.intervals, ...series.gaps].every(({ energy }) => energy === null || energy >= 0n));
    }),
    runs(500),
  );
});
