import test from 'ava';
import { FarolaError } from '@farola/shared';
import { type AggregateBench, minutes, openAggregateBench, startAt } from '../../fakes/aggregate-bench.js';
import { TestChain } from '../../fakes/test-chain.js';

const DAY = Date.UTC(2026, 10, 22);
const at = (hours: number, mins = 0): number => DAY + hours * 3_600_000 + mins * 60_000;

function begun(atMs: number, byte = 1): TestChain {
  const chain = new TestChain('malaga-0042', byte);
  return chain.add(startAt(atMs, chain.boot));
}

/** An hour of samples from ten, received in parts of ten minutes. */
function anHour(bench: AggregateBench, first = 0): TestChain {
  const chain = begun(at(9, 59)).add(...minutes(at(10), at(11, 1), 1000, 5));
  for (let from = first * 10 + 1; from <= chain.last; from += 10) {
    bench.receive(chain, from, Math.min(chain.last, from + 9), at(10, from + 9));
  }
  return chain;
}

const energies = (bench: AggregateBench, panel = 'plaza'): (bigint | null)[] =>
  bench
    .series('15min', at(10), at(11), 'UTC', `${panel}/main`)
    .flatMap((series) => (series.kind === 'energy' ? series.intervals.map(({ energy }) => energy) : []));

function judge(bench: AggregateBench, code: 'quarantined' | 'released', judgedAtMs: number): void {
  bench.ledger.judge({ lcuNo: 0, judgedAtMs, code, facts: { reason: 'test', by: 'test' }, key: null, kept: null });
  bench.version++;
}

test('what was received in a quarantine does not count, and is counted as such', async (t) => {
  const bench = await openAggregateBench(t);
  anHour(bench);
  bench.follow();
  t.deepEqual(energies(bench), [75n, 75n, 75n, 75n]);
  judge(bench, 'quarantined', at(10, 35));
  bench.follow();
  t.deepEqual(energies(bench), [75n, 65n, null, null], 'the rows of the first half an hour remain');
  t.deepEqual(bench.reader.withoutPlace(0, 0), { undated: 0, unplaced: 0, barred: 32 });
});

test('after a release what begins later counts again', async (t) => {
  const bench = await openAggregateBench(t);
  judge(bench, 'quarantined', at(9));
  anHour(bench);
  judge(bench, 'released', at(11, 30));
  const next = begun(at(12), 2).add(...minutes(at(12), at(12, 16), 2000, 5));
  bench.receive(next, 1, next.last, at(12, 20));
  bench.follow();
  t.deepEqual(
    bench.energy('15min', at(10), at(12, 15)).intervals.map(({ energy }) => energy),
    [75n],
  );
});

test('an LCU that is moved takes its later samples along', async (t) => {
  const bench = await openAggregateBench(t);
  anHour(bench);
  bench.follow();
  const stays = bench.stays.get(0)!;
  bench.stays.set(0, [...stays, { panel: 'muelle', lcuId: 'malaga-0042', fromMs: at(10, 30), toMs: null }]);
  bench.version++;
  bench.follow();
  t.deepEqual(energies(bench), [75n, 70n, null, null]);
  t.deepEqual(energies(bench, 'muelle'), [75n, 75n]);
});

test('samples wait for the table that names their analyser', async (t) => {
  const bench = await openAggregateBench(t);
  const chain = anHour(bench, 1);
  bench.follow();
  t.deepEqual(bench.reader.points({}), []);
  t.is(bench.reader.withoutPlace(0, 0).unplaced, chain.last - 10);
  bench.receive(chain, 1, 10, at(11, 20));
  bench.follow();
  t.deepEqual(energies(bench), [75n, 75n, 75n, 75n]);
  t.is(bench.reader.withoutPlace(0, 0).unplaced, 0);
});

test('rows that came after the wall clock of the collector went back are taken in', async (t) => {
  const bench = await openAggregateBench(t);
  const chain = begun(at(9, 59)).add(...minutes(at(10), at(10, 31), 1000, 5));
  bench.receive(chain, 1, 17, at(15));
  bench.follow();
  bench.receive(chain, 18, chain.last, at(10, 31));
  bench.follow();
  t.deepEqual(
    bench.energy('15min', at(10), at(10, 30)).intervals.map(({ energy }) => energy),
    [75n, 75n],
  );
});

test('a row that cannot be read is told and passed over', async (t) => {
  const bench = await openAggregateBench(t);
  anHour(bench);
  const [, second] = bench.ledger.keysFrom(0);
  const damage = new FarolaError('ledger-corrupt', { path: 'ledger', reason: 'test' });
  const row = bench.ledger.row.bind(bench.ledger);
  bench.ledger.row = (key) => {
    if (key === second) throw damage;
    return row(key);
  };
  const told: FarolaError[] = [];
  bench.onDamage = (error) => void told.push(error);
  bench.follow();
  t.true(told.includes(damage));
  t.is(
    bench.energy('hour', at(10), at(11)).intervals[0]?.energy,
    300n,
    'what is missing lies between two samples of the counter',
  );
});

test('a hostile LCU whose rows all fall into one quarter makes it from no more than 256 of them', async (t) => {
  const bench = await openAggregateBench(t);
  const chain = begun(at(9, 59)).add(...minutes(at(10), at(10, 1), 1000, 5));
  for (let i = 0; i < 300; i++) chain.add(...minutes(at(10, 1) + i * 1000, at(10, 1) + i * 1000 + 1, 1000, 0));
  for (let n = 1; n <= chain.last; n++) bench.receive(chain, n, n, at(10, 20));
  bench.follow();
  t.is(bench.reader.quarter('plaza/main', at(10) / 900_000)?.counters[0]?.count, 256);
});
