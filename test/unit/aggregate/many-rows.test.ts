import { type AnalyserRow, encodeEntry, type KnownEntry, LIMITS, QUANTITIES } from '@farola/shared';
import test from 'ava';
import { type AggregateBench, atWall, METER, openAggregateBench, startAt } from '../../fakes/aggregate-bench.js';
import { TestChain } from '../../fakes/test-chain.js';

const NOON = Date.UTC(2026, 10, 22, 12);
/** Tables of an epoch that are taken into account, and what an entry holds of rows with so many quantities. */
const TABLES = 64;
const ROWS = 60;
const IDS = QUANTITIES.slice(0, 30).map(({ id }) => id);

function rowsFrom(index: number): AnalyserRow[] {
  return Array.from({ length: ROWS }, (_, row) => ({ ...METER, id: 'm', line: 'l', index: index + row, quantities: IDS }));
}

/** CPU time that it takes to follow an epoch of very many rows of one analyser, of which so many have a sample, ms. */
function followed(bench: AggregateBench, byte: number, samples: number): number {
  const chain = new TestChain('malaga-0042', byte);
  const tables = Array.from({ length: TABLES - 1 }, (_, table): KnownEntry => {
    return { kind: 'table', at: atWall(NOON), analysers: rowsFrom(ROWS * (table + 1)), retired: [] };
  });
  const read = Array.from({ length: samples }, (_, index): KnownEntry => {
    const at = atWall(NOON + index);
    return { kind: 'sample', at, analyser: 10 * index, spanMs: 1, status: 'complete', values: IDS.map(() => 7) };
  });
  chain.add(startAt(NOON, chain.boot, rowsFrom(0)), ...tables, ...read);
  for (let n = 1; n <= TABLES; n += 8) bench.receive(chain, n, n + 7, NOON + 60_000 + n);
  bench.follow();
  bench.receive(chain, TABLES + 1, chain.last, NOON + 61_000);
  const before = process.cpuUsage();
  bench.follow();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

test('security: samples of very many rows of one analyser cost little more than one', async (t) => {
  const [table] = rowsFrom(1_000);
  t.true(encodeEntry(startAt(NOON, new Uint8Array(16), rowsFrom(1_000))).length <= LIMITS.entryBytes, JSON.stringify(table));
  const one = followed(await openAggregateBench(t), 1, 1);
  const many = followed(await openAggregateBench(t), 1, 256);
  t.true(many < 5 * one, `${one} ms for one, ${many} ms for 256`);
});
