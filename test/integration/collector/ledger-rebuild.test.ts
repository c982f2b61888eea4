import { existsSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import test from 'ava';
import { LedgerFollower } from '@farola/collector/aggregate/follow-ledger.js';
import { sqliteAggregatePart } from '@farola/collector/aggregate/sqlite-aggregate-part.js';
import { openSqliteAggregates } from '@farola/collector/aggregate/sqlite-aggregates.js';
import type { DerivedPart } from '@farola/collector/fleet/derived-part.js';
import { sqliteDerivedPart } from '@farola/collector/fleet/sqlite-derived-part.js';
import { rebuildDerived } from '@farola/collector/fleet/rebuild-derived.js';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { DERIVED_TABLES } from '@farola/collector/fleet/sqlite-state-schema.js';
import type { EventFact } from '@farola/collector/fleet/derived-state.js';
import { openSqliteLedger } from '@farola/collector/ledger/sqlite-ledger.js';
import { openSqliteLedgerReader } from '@farola/collector/ledger/sqlite-ledger-reader.js';
import { aggregatesOf } from '../../fakes/aggregate-tables.js';
import { leavesOf, overwritePage } from '../../fakes/damaged-page.js';
import { HISTORY_LCUS, richHistory } from '../../fakes/rich-history.js';

const statePart = (folder: string): DerivedPart => sqliteDerivedPart(join(folder, 'state.db'));
const aggregatePart = (folder: string, onSetAside?: (path: string) => void): DerivedPart =>
  sqliteAggregatePart(join(folder, 'aggregates.db'), () => openSqliteState({ path: join(folder, 'state.db') }), {
    busyMs: 200,
    ...(onSetAside && { onSetAside }),
  });

type Tables = Record<string, unknown[]>;

function tablesOf(path: string): Tables {
  const db = new Database(path, { readonly: true });
  const tables = DERIVED_TABLES.map((table) => [
    table,
    db.prepare(`SELECT * FROM ${table} ORDER BY 1, 2, 3`.replace(table === 'applied' ? ', 2, 3' : '', '')).all(),
  ]);
  db.close();
  return Object.fromEntries(tables) as Tables;
}

/** Follows a ledger into the aggregates, as a collector that runs does. */
async function follow(folder: string): Promise<void> {
  const [ledger, state, store] = await Promise.all([
    openSqliteLedgerReader(join(folder, 'ledger')),
    openSqliteState({ path: join(folder, 'state.db') }),
    openSqliteAggregates(join(folder, 'aggregates.db')),
  ]);
  const follower = new LedgerFollower({ ledger, ...state, store, now: () => Date.UTC(2026, 11, 2) });
  while (follower.step());
  for (const each of [ledger, state, store]) each.close();
}

/** Runs a rebuild to its end, or to a step at which it is left. */
async function rebuild(folder: string, steps = Infinity, partOf: (folder: string) => DerivedPart = statePart): Promise<number> {
  const ledger = await openSqliteLedger({ folder: join(folder, 'ledger') });
  try {
    const rebuilding = partOf(folder).rebuild(ledger);
    for (let i = 0; i < steps; i++) {
      const step = await rebuilding.next();
      if (step.done) return step.value;
    }
    await rebuilding.return(-1);
    return -1;
  } finally {
    ledger.close();
  }
}

test('derived tables that are made anew equal those that were made while it happened', async (t) => {
  const { rig, collector } = await richHistory(t);
  t.is(rig.fleet.find(HISTORY_LCUS[1])?.standing?.decision, 'released');
  t.true(rig.told.length >= 2 && rig.told.some(({ late }) => late) && rig.told.some(({ late }) => !late));
  const told = rig.told.length;
  await rig.close();
  const path = join(collector, 'state.db');
  const before = tablesOf(path);
  for (const table of DERIVED_TABLES) t.true((before[table]?.length ?? 0) > 0, table);

  const harmed = new Database(path);
  harmed.exec(
    'DELETE FROM latest; UPDATE events SET late = 1 - late; DELETE FROM table_facts; UPDATE clock_anchors SET wall_ms = 0',
  );
  harmed.exec('UPDATE contacts SET entries_stored = 7, answers_ok = 3');
  harmed.close();
  t.true((await rebuild(collector)) > 20);
  const after = tablesOf(path);
  for (const table of DERIVED_TABLES) t.deepEqual(after[table], before[table], table);
  t.false(existsSync(`${path}.anew`));

  const state = await openSqliteState({ path });
  const ledger = await openSqliteLedger({ folder: join(collector, 'ledger') });
  const again: EventFact[] = [];
  rebuildDerived({ ledger, derived: state.derived, onEvents: (events) => again.push(...events) });
  t.deepEqual(again, [], `none of the ${told} events is told again`);
  state.close();
  ledger.close();
});

test('a rebuild that is left in the middle leaves everything as it was, and one after it ends well', async (t) => {
  const { rig, collector } = await richHistory(t);
  await rig.close();
  const path = join(collector, 'state.db');
  const before = tablesOf(path);
  t.is(await rebuild(collector, 1), -1);
  t.deepEqual(tablesOf(path), before);
  await rebuild(collector);
  t.deepEqual(tablesOf(path), before);
});

test('derived tables that are lost are made from the ledger alone, and nothing is told again', async (t) => {
  const { rig, collector } = await richHistory(t);
  await rig.close();
  const path = join(collector, 'state.db');
  const before = tablesOf(path);
  const emptied = new Database(path);
  for (const table of DERIVED_TABLES) emptied.exec(table === 'applied' ? 'UPDATE applied SET key = 0' : `DELETE FROM ${table}`);
  emptied.close();
  await rebuild(collector);
  const { contacts, ...after } = tablesOf(path);
  const { contacts: contactsBefore, ...others } = before;
  t.deepEqual(after, others);
  const facts = (rows: unknown[] | undefined): unknown[] =>
    (rows as Record<string, unknown>[]).map(({ lcu_no, answers_ok, entries_stored }) => [lcu_no, answers_ok, entries_stored]);
  t.deepEqual(facts(contacts), facts(contactsBefore), 'what the ledger does not know, such as refused polls, is lost with them');
});

test('aggregates that are made anew equal those that followed the ledger, harmed, lost or as they were', async (t) => {
  const { rig, collector } = await richHistory(t);
  await rig.close();
  await follow(collector);
  const path = join(collector, 'aggregates.db');
  const before = aggregatesOf(path);
  t.true((before['quarters']?.length ?? 0) >= 10, `${before['quarters']?.length} quarters`);
  for (const [table, rows] of Object.entries(before)) t.is(rows.length > 0, table !== 'dirty' && table !== 'left_out', table);

  t.is(await rebuild(collector, 1, aggregatePart), -1);
  t.deepEqual(aggregatesOf(path), before, 'one that is left in the middle changes nothing');

  const harmed = new Database(path);
  harmed.exec("DELETE FROM quarters WHERE id % 3 = 0; UPDATE quarters SET body = x'00'; DELETE FROM sources");
  harmed.exec('DELETE FROM facts; DELETE FROM points_of_lcu; UPDATE anchors SET wall_ms = 0; UPDATE rows SET barred = 7');
  harmed.close();
  const rows = await rebuild(collector, Infinity, aggregatePart);
  t.true(rows > 20);
  t.deepEqual(aggregatesOf(path), before);

  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
  t.is(await rebuild(collector, Infinity, aggregatePart), rows);
  t.deepEqual(aggregatesOf(path), before);
  t.false(existsSync(`${path}.anew`));

  await follow(collector);
  t.deepEqual(aggregatesOf(path), before, 'what follows the ledger goes on with what was made');

  const reader = new Database(path, { readonly: true });
  reader.exec('BEGIN; SELECT count(*) FROM quarters');
  await t.throwsAsync(rebuild(collector, Infinity, aggregatePart), { code: 'disk-failure' });
  reader.close();
  t.deepEqual(aggregatesOf(path), before, 'they are not replaced under who reads them');
  t.is(await rebuild(collector, Infinity, aggregatePart), rows);
});

const HARMS: Record<string, (path: string) => void> = {
  'no database': (path) => writeFileSync(path, 'no database, and longer than the header of one '.repeat(400)),
  'without its schema': (path) => overwritePage(path, { page: 1, bytes: 4096 }),
  'without a page of its quarters': (path) => overwritePage(path, leavesOf(path, 'quarters')[0]!),
  'cut short': (path) => truncateSync(path, 4096),
  'empty': (path) => truncateSync(path, 0),
};

test('aggregates are made anew whatever befell the old file, which is set aside where it cannot be opened', async (t) => {
  const { rig, collector } = await richHistory(t);
  await rig.close();
  await follow(collector);
  const path = join(collector, 'aggregates.db');
  const before = aggregatesOf(path);
  const aside: string[] = [];
  for (const [what, harm] of Object.entries(HARMS)) {
    harm(path);
    const told: string[] = [];
    t.true((await rebuild(collector, Infinity, (folder) => aggregatePart(folder, (damaged) => told.push(damaged)))) > 20, what);
    t.deepEqual(aggregatesOf(path), before, what);
    if (told.length > 0) aside.push(what);
    for (const one of told) t.true(existsSync(one), what);
  }
  t.true(aside.includes('no database') && aside.includes('without its schema'), aside.join());
  await follow(collector);
  t.deepEqual(aggregatesOf(path), before);
});
