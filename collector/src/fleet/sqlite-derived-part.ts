import type { Database } from 'better-sqlite3';
import { besideOf, removeStore } from '../store/store-beside.js';
import { onStore } from '../store/store-failure.js';
import type { LedgerReader } from '../ledger/ledger.js';
import type { DerivedPart, RebuildStep } from './derived-part.js';
import { deriveAnew } from './rebuild-derived.js';
import { openSqliteState } from './sqlite-state.js';
import { DERIVED_TABLES } from './sqlite-state-schema.js';

/**
 * What of a contact is no fact of the ledger but of polls, when they ended and which were refused or missed: it is kept as it
 * stands. An LCU that the new tables do not know has such facts alone.
 */
const KEEP_CONTACTS = `
  UPDATE made.contacts SET (last_good_at_ms, last_at_ms, verdict, answers_refused, backlog) =
      (SELECT max(contacts.last_good_at_ms, ifnull(old.last_good_at_ms, 0)), last_at_ms, verdict, answers_refused, backlog FROM main.contacts AS old WHERE old.lcu_no = contacts.lcu_no)
    WHERE lcu_no IN (SELECT lcu_no FROM main.contacts);
  INSERT INTO made.contacts SELECT * FROM main.contacts WHERE lcu_no NOT IN (SELECT lcu_no FROM made.contacts);`;

/**
 * The derived tables of `state.db` as a part that can be made anew: in a file beside it, whose tables are then taken over
 * in one transaction. What the old tables had taken in is taken in, no more: events up to there were told, and what came
 * after is taken in and told by the next start. Where nothing was, all is taken in, and counts as told.
 * @param path of `state.db`
 */
export function sqliteDerivedPart(path: string): DerivedPart {
  return { name: 'state', rebuild: (ledger) => rebuild(path, ledger) };
}

async function* rebuild(path: string, ledger: LedgerReader): AsyncGenerator<RebuildStep, number> {
  const beside = besideOf(path);
  removeStore(beside);
  const old = await openSqliteState({ path });
  const appliedKey = old.derived.appliedKey();
  old.close();
  const made = await openSqliteState({ path: beside });
  let rows = 0;
  try {
    for (const step of deriveAnew({ ledger, derived: made.derived, upToKey: appliedKey || undefined })) {
      rows = step.rows;
      yield { part: 'state', ...step };
    }
  } finally {
    made.close();
  }
  await takeOver(path, beside);
  removeStore(beside);
  return rows;
}

async function takeOver(path: string, beside: string): Promise<void> {
  const { default: Sqlite } = await import('better-sqlite3');
  const db = onStore(path, () => new Sqlite(path, { fileMustExist: true }));
  try {
    onStore(path, () => {
      db.pragma('synchronous = FULL');
      db.prepare('ATTACH ? AS made').run(beside);
      db.exec(KEEP_CONTACTS);
      db.transaction(() => replaceTables(db)).immediate();
      db.exec('DETACH made');
    });
  } finally {
    db.close();
  }
}

/** Only the main file is written, so that its commit is the one step in which all tables change. */
function replaceTables(db: Database): void {
  for (const table of DERIVED_TABLES) {
    db.exec(`DELETE FROM main.${table}; INSERT INTO main.${table} SELECT * FROM made.${table};`);
  }
}
