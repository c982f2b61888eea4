import test from 'ava';
import type { AnalyserRow } from '@farola/shared';
import { type AggregateBench, atWall, METER, minutes, openAggregateBench, startAt } from '../../fakes/aggregate-bench.js';
import { analyser, TestChain } from '../../fakes/test-chain.js';

const DAY = Date.UTC(2026, 10, 22);
const at = (hours: number, mins = 0): number => DAY + hours * 3_600_000 + mins * 60_000;
const OTHER = analyser(0, 'second', { quantities: METER.quantities });

function begun(atMs: number, rows: AnalyserRow[], byte = 1): TestChain {
  const chain = new TestChain('malaga-0042', byte);
  return chain.add(startAt(atMs, chain.boot, rows));
}

async function benchOf(t: Parameters<typeof openAggregateBench>[0], ...chains: readonly TestChain[]): Promise<AggregateBench> {
  const bench = await openAggregateBench(t);
  for (const chain of chains) bench.receive(chain, 1, chain.last, at(12));
  bench.follow();
  return bench;
}

const counts = (bench: AggregateBench, point = 'plaza/main'): string[] => {
  const [first] = bench.series('15min', at(10), at(11), 'UTC', point);
  return first?.intervals.map(({ count, expected }) => `${count}/${expected}`) ?? [];
};

test('an analyser that a new epoch does not name is expected no more', async (t) => {
  const bench = await benchOf(
    t,
    begun(at(9, 59), [METER]).add(...minutes(at(10), at(10, 20), 1_000, 5)),
    begun(at(10, 20), [OTHER], 2).add(...minutes(at(10, 20), at(11), 70, 5)),
  );
  t.deepEqual(counts(bench), ['15/15', '5/5', '0/0', '0/0']);
  t.deepEqual(counts(bench, 'plaza/second').slice(-2), ['15/15', '15/15']);
});

test('one that a table retires within its epoch is expected no more, and one that comes back is expected again', async (t) => {
  const chain = begun(at(9, 59), [METER]).add(...minutes(at(10), at(10, 20), 1_000, 5));
  chain.add({ kind: 'table', at: atWall(at(10, 20)), analysers: [{ ...OTHER, index: 1 }], retired: [0] });
  t.deepEqual(counts(await benchOf(t, chain)), ['15/15', '5/5', '0/0', '0/0']);
  t.deepEqual(counts(await benchOf(t, chain, begun(at(10, 50), [METER], 2))), ['15/15', '5/5', '0/0', '0/10']);
});

test('an LCU that is silent is expected on, and one that moved or was retired is not', async (t) => {
  const chain = begun(at(9, 59), [METER]).add(...minutes(at(10), at(10, 20), 1_000, 5));
  const bench = await benchOf(t, chain);
  t.deepEqual(counts(bench), ['15/15', '5/15', '0/15', '0/15']);
  const stay = { panel: 'plaza', lcuId: 'malaga-0042', fromMs: 0, toMs: at(10, 30) };
  for (const later of [[], [{ panel: 'puerto', lcuId: 'malaga-0042', fromMs: at(10, 30), toMs: null }]]) {
    bench.stays.set(0, [stay, ...later]);
    bench.version++;
    bench.follow();
    t.deepEqual(counts(bench), ['15/15', '5/15', '0/0', '0/0']);
  }
});

test('samples that come are expected, whatever the dates of tables say', async (t) => {
  const wrong = begun(at(10, 20), [OTHER], 2);
  const back = begun(at(2), [METER], 3).add(...minutes(at(10, 30), at(11), 1_150, 5));
  const first = begun(at(9, 59), [METER]).add(...minutes(at(10), at(10, 20), 1_000, 5));
  t.deepEqual(counts(await benchOf(t, first, wrong, back)).slice(-2), ['15/15', '15/15']);
});
