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
  /** Brings a file of version 1, 2, ... to the next one; none while there is only one version. */
  readonly upgrades?: readonly string[];
}

/**
 * Makes the tables in an empty file; brings one of an older version up, and leaves one of this version as it is. Codes: `store-newer`;
 * `ledger-corrupt` for a file of something else; `store-older` where it is not to be brought up.
 */
export function prepareStore(db: Database, schema: StoreSchema, mayUpgrade = true): void {
  if (isEmpty(db)) db.transaction(() => createTables(db, schema)).immediate();
  checkStore(db, schema);
  if (!mayUpgrade) checkNotOlder(db, schema);
  if (versionOf(db) < schema.version) db.transaction(() => upgrade(db, schema)).immediate();
}

/** Refuses a file that is not of this schema, with the codes of `prepareStore`. */
export function checkStore(db: Database, { applicationId, version }: StoreSchema): void {
  if (db.pragma('application_id', { simple: true }) !== applicationId) {
    throw new FarolaError('ledger-corrupt', { path: db.name, reason: 'it is not a file of this kind' });
  }
  const found = versionOf(db);
  if (found > version) throw new FarolaError('store-newer', { path: db.name, version: found, known: version });
}

/** Refuses a file of an older version, which a program of that version may have open. Code: `store-older`. */
export function checkNotOlder(db: Database, { version }: StoreSchema): void {
  const found = versionOf(db);
  if (found < version) throw new FarolaError('store-older', { path: db.name, version: found, needed: version });
}

/** Two processes may open a new file at once: the second finds the tables there. */
function createTables(db: Database, { applicationId, version, create }: StoreSchema): void {
  if (!isEmpty(db)) return;
  db.exec(create);
  db.pragma(`application_id = ${applicationId}`);
  db.pragma(`user_version = ${version}`);
}

/** Another process may have done it meanwhile: what is to be done is asked again under the lock. */
function upgrade(db: Database, { version, upgrades = [] }: StoreSchema): void {
  for (const sql of upgrades.slice(versionOf(db) - 1)) db.exec(sql);
  db.pragma(`user_version = ${version}`);
}

/** The version of a file that was made. */
export function versionOf(db: Database): number {
  return Number(db.pragma('user_version', { simple: true }));
}

function isEmpty(db: Database): boolean {
  return db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
}
