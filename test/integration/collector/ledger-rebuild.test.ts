import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import test from 'ava';
import { sqliteDerivedPart } from '@farola/collector/fleet/sqlite-derived-part.js';
import { rebuildDerived } from '@farola/collector/fleet/rebuild-derived.js';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { DERIVED_TABLES } from '@farola/collector/fleet/sqlite-state-schema.js';
import type { EventFact } from '@farola/collector/fleet/derived-state.js';
import { openSqliteLedger } from '@farola/collector/ledger/sqlite-ledger.js';
import { HISTORY_LCUS, richHistory } from '../../fakes/rich-history.js';

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

/** Runs a rebuild to its end, or to a step at which it is left. */
async function rebuild(folder: string, steps = Infinity): Promise<number> {
  const ledger = await openSqliteLedger({ folder: join(folder, 'ledger') });
  try {
    const rebuilding = sqliteDerivedPart(join(folder, 'state.db')).rebuild(ledger);
    for (let i = 0; i < steps; i++) {
      const step = await rebuilding.next();
      if (step.done) return step.value;
    }
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
