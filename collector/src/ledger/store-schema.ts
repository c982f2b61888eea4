import { FarolaError } from '@farola/shared';
import type { Database } from 'better-sqlite3';

/** What a database file is, as its header says (sqlite.org/fileformat2.html section 1.3). */
export interface StoreSchema {
  /** `PRAGMA application_id`: which of our files it is. */
  readonly applicationId: number;
  /** `PRAGMA user_version`: version of the schema, from 1. */
  readonly version: number;
  /** Makes the tables of this version in an empty file. */
  readonly create: string;
}

/**
 * Makes the tables in an empty file; leaves one of this version as it is. Codes: `store-newer`; `ledger-corrupt` for a
 * file of something else.
 */
export function prepareStore(db: Database, schema: StoreSchema): void {
  if (isEmpty(db)) db.transaction(() => createTables(db, schema)).immediate();
  checkStore(db, schema);
}

/** Refuses a file that is not of this schema, with the codes of `prepareStore`. */
export function checkStore(db: Database, { applicationId, version }: StoreSchema): void {
  if (db.pragma('application_id', { simple: true }) !== applicationId) {
    throw new FarolaError('ledger-corrupt', { path: db.name, reason: 'it is not a file of this kind' });
  }
  const found = Number(db.pragma('user_version', { simple: true }));
  if (found > version) throw new FarolaError('store-newer', { path: db.name, version: found, known: version });
}

/** Two processes may open a new file at once: the second finds the tables there. */
function createTables(db: Database, { applicationId, version, create }: StoreSchema): void {
  if (!isEmpty(db)) return;
  db.exec(create);
  db.pragma(`application_id = ${applicationId}`);
  db.pragma(`user_version = ${version}`);
}

function isEmpty(db: Database): boolean {
  return db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
}
