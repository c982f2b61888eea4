import { once } from 'node:events';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import test, { type ExecutionContext } from 'ava';
import type { Aggregator, AggregatorPaths, AggregatorReport } from '@farola/collector/aggregate/aggregator.js';
import { nodeAggregator } from '@farola/collector/aggregate/node-aggregator.js';
import { quarterOf } from '@farola/collector/aggregate/quarter.js';
import { AGGREGATES_SCHEMA } from '@farola/collector/aggregate/sqlite-aggregates-schema.js';
import { openSqliteAggregateReader } from '@farola/collector/aggregate/sqlite-aggregates.js';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { openSqliteLedger } from '@farola/collector/ledger/sqlite-ledger.js';
import { systemTimers } from '@farola/shared';
import { EventEmitter } from 'node:events';
import { minutes, POWER, startAt } from '../../fakes/aggregate-bench.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { testAnswer } from '../../fakes/test-answer.js';
import { TestChain } from '../../fakes/test-chain.js';

const BEGIN = Date.UTC(2026, 10, 20, 10);

/** A ledger of twenty minutes and the fleet that they are of. */
async function filled(t: ExecutionContext): Promise<AggregatorPaths> {
  const folder = temporaryFolder(t);
  const paths = { ledger: join(folder, 'ledger'), state: join(folder, 'state.db'), aggregates: join(folder, 'aggregates.db') };
  const ledger = await openSqliteLedger({ folder: paths.ledger });
  const state = await openSqliteState({ path: paths.state });
  t.teardown(() => {
    ledger.close();
    state.close();
  });
  state.fleet.invite('malaga-0042', 'plaza', { tokenHash: new Uint8Array(32), expiresAtMs: 1 }, 0);
  const chain = new TestChain();
  chain.add(startAt(BEGIN, chain.boot), ...minutes(BEGIN, BEGIN + 1_200_000, 1000, 5));
  const receivedAtMs = BEGIN + 1_260_000;
  ledger.append([testAnswer(chain, 1, chain.last, { receivedAtMs, nowMonoMs: receivedAtMs - Date.UTC(2026, 0, 1) })]);
  return paths;
}

/** An aggregator, and what it tells. */
function started(t: ExecutionContext, paths: AggregatorPaths): { aggregator: Aggregator; next: () => Promise<AggregatorReport> } {
  const reports = new EventEmitter();
  const aggregator = nodeAggregator(paths, systemTimers, (report) => reports.emit('report', report));
  t.teardown(() => aggregator.stop());
  return { aggregator, next: async () => ((await once(reports, 'report')) as [AggregatorReport])[0] };
}

test('a thread makes the quarters from the ledger while it is being written', async (t) => {
  const paths = await filled(t);
  const { aggregator, next } = started(t, paths);
  t.deepEqual(await next(), { ok: true });
  const reader = await openSqliteAggregateReader(paths.aggregates);
  t.teardown(() => reader.close());
  const summary = reader.quarter('plaza/main', quarterOf(BEGIN));
  t.deepEqual(summary?.periods[0], { quantity: POWER, spells: [{ fromMs: 0, periodS: 60 }] });
  t.is(summary?.counters[0]?.core?.counted, 60n);
  await aggregator.stop();
});

test('a thread that cannot work says why, and stops when it is told', async (t) => {
  const paths = await filled(t);
  new Database(paths.aggregates).exec('CREATE TABLE other (a)').close();
  const { aggregator, next } = started(t, paths);
  t.like(await next(), { ok: false, code: 'aggregates-corrupt', facts: { path: paths.aggregates } });
  await aggregator.stop();
});

test('aggregates of an older version are emptied and made anew', async (t) => {
  const paths = await filled(t);
  const old = new Database(paths.aggregates);
  old.exec(AGGREGATES_SCHEMA.create);
  old.exec(`UPDATE pass SET looked_at_ms = ${Date.UTC(2100, 0, 1)}; INSERT INTO quarters VALUES (1, x'80')`);
  old.pragma(`application_id = ${AGGREGATES_SCHEMA.applicationId}`);
  old.pragma('user_version = 1');
  old.close();
  const { aggregator, next } = started(t, paths);
  t.deepEqual(await next(), { ok: true });
  const reader = await openSqliteAggregateReader(paths.aggregates);
  t.teardown(() => reader.close());
  t.is(reader.quarter('plaza/main', quarterOf(BEGIN))?.counters[0]?.core?.counted, 60n);
  t.true((reader.lookedAtMs() ?? Infinity) < Date.UTC(2100, 0, 1));
  const db = new Database(paths.aggregates, { readonly: true });
  t.is(db.prepare('SELECT count(*) FROM quarters WHERE id = 1').pluck().get(), 0);
  db.close();
  await aggregator.stop();
});

test('aggregates that were deleted are made anew', async (t) => {
  const paths = await filled(t);
  for (let i = 0; i < 2; i++) {
    const again = { ...paths, aggregates: `${paths.aggregates}${i}` };
    const { aggregator, next } = started(t, again);
    t.deepEqual(await next(), { ok: true });
    await aggregator.stop();
  }
  const [one, two] = await Promise.all([0, 1].map((i) => openSqliteAggregateReader(`${paths.aggregates}${i}`)));
  t.deepEqual(one!.quarter('plaza/main', quarterOf(BEGIN)), two!.quarter('plaza/main', quarterOf(BEGIN)));
  one!.close();
  two!.close();
});
