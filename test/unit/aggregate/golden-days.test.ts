import test from 'ava';
import { METER, minutes, openAggregateBench, sampleAt, startAt } from '../../fakes/aggregate-bench.js';
import { TestChain } from '../../fakes/test-chain.js';

const DAY = Date.UTC(2026, 10, 22);
const HOUR_MS = 3_600_000;

/** A chain of one epoch that begins with a start entry at a time. */
function begun(atMs: number, periodS = 60): TestChain {
  const chain = new TestChain();
  return chain.add(startAt(atMs, chain.boot, [{ ...METER, periodS }]));
}

test('days of daylight saving have 23 and 25 hours, and each hour its place', async (t) => {
  for (const [date, hours, samples] of [
    [Date.UTC(2026, 2, 29), 23, 23 * 4],
    [Date.UTC(2026, 9, 25), 25, 25 * 4],
  ] as const) {
    const bench = await openAggregateBench(t);
    const from = date - 4 * 3_600_000;
    const entries = Array.from({ length: 33 * 4 }, (_, i) => sampleAt(from + i * 900_000, i * 10, 1));
    const chain = begun(from, 900).add(...entries);
    bench.receive(chain, 1, chain.last, date + 40 * 3_600_000);
    bench.follow();
    const clock = date + 12 * 3_600_000;
    const day = bench.energy('day', clock, clock + 1, 'Europe/Madrid');
    t.is(day.intervals.length, 1);
    t.is(day.intervals[0]!.toMs - day.intervals[0]!.fromMs, hours * 3_600_000);
    t.is(day.intervals[0]!.energy, BigInt(hours * 40));
    t.deepEqual([day.intervals[0]!.count, day.intervals[0]!.expected], [samples, samples]);
    const { fromMs, toMs } = day.intervals[0]!;
    const inHours = bench.energy('hour', fromMs, toMs, 'Europe/Madrid');
    t.deepEqual(
      inHours.intervals.map(({ energy }) => energy),
      Array.from({ length: hours }, () => 40n),
    );
    t.is(inHours.sum.energy, BigInt(hours * 40));
  }
});

test('a backlog of three days, received newest first, comes to the same as if it had come in time', async (t) => {
  const from = DAY - 3 * 86_400_000;
  const chain = begun(from - 60_000).add(...minutes(from, DAY, 0, 5));
  const inTime = await openAggregateBench(t);
  const late = await openAggregateBench(t);
  const step = 240;
  const parts = Array.from(
    { length: Math.ceil(chain.last / step) },
    (_, i) => [i * step + 1, Math.min(chain.last, (i + 1) * step)] as const,
  );
  for (const [first, last] of parts) {
    inTime.receive(chain, first, last, from + last * 60_000);
    inTime.follow();
  }
  for (const [i, [first, last]] of parts.toReversed().entries()) {
    late.receive(chain, first, last, DAY + i * 1000);
    late.follow();
  }
  t.deepEqual(late.series('15min', from, DAY), inTime.series('15min', from, DAY));
  t.is(late.energy('day', from, DAY).sum.energy, BigInt((chain.last - 2) * 5));
  t.deepEqual(late.reader.withoutPlace(0, 0), { undated: 0, unplaced: 0, barred: 0 });
});

test('a sampling period of an hour expects what is due in the interval', async (t) => {
  const bench = await openAggregateBench(t);
  const chain = begun(DAY + 7.9 * HOUR_MS, 3_600).add(
    ...[8, 9, 10, 11, 12, 13].map((hour) => sampleAt(DAY + hour * HOUR_MS, hour * 100, 1)),
  );
  bench.receive(chain, 1, chain.last, DAY + 14 * HOUR_MS);
  bench.follow();
  const { intervals } = bench.energy('hour', DAY + 8 * HOUR_MS, DAY + 13 * HOUR_MS);
  t.deepEqual(
    intervals.map(({ energy }) => energy),
    Array.from({ length: 5 }, () => 100n),
  );
  t.deepEqual(
    intervals.map(({ count, expected }) => [count, expected]),
    Array.from({ length: 5 }, () => [1, 1]),
  );
});
