import { dirname } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import { checkWritableFile, ensureWritableFolder } from './store-access.js';
import { storeFailure } from './store-failure.js';
import { makePrivate } from './private-file.js';
import { openForReading, type ReadingOptions } from './open-for-reading.js';
import { checkNotOlder, checkStore, prepareStore, type StoreSchema } from './store-schema.js';

/** How a database beside the ledger is opened: what a power cut takes of it is made again, or is some minutes of a count. */
export interface StoreFileOptions {
  readonly schema: StoreSchema;
  /** How long a lock of another process is waited for, ms. */
  readonly busyMs: number;
  /** Pages of the write-ahead log before it is copied into the file; SQLite's 1000 unless told. */
  readonly checkpointPages?: number;
  /** False: a file of an older version is refused, since an older program may have it open. */
  readonly mayUpgrade?: boolean | undefined;
}

/**
 * Opens a database for reading and writing, made when it is not there, and makes of it what `use` gives; any number of
 * processes at once. Codes: `permission-denied`, `path-unusable`, `disk-failure`, `ledger-corrupt`, `store-newer`, `store-older`.
 */
export function openStoreFile<Store>(
  Database: typeof BetterSqlite3,
  path: string,
  { schema, busyMs, checkpointPages, mayUpgrade }: StoreFileOptions,
  use: (db: BetterSqlite3.Database) => Store,
): Store {
  ensureWritableFolder(dirname(path));
  checkWritableFile(path);
  return opened(
    path,
    () => {
      makePrivate(path);
      return new Database(path, { timeout: busyMs });
    },
    (db) => {
      db.pragma('journal_mode = WAL');
      db.pragma('synchronous = NORMAL');
      if (checkpointPages !== undefined) db.pragma(`wal_autocheckpoint = ${checkpointPages}`);
      prepareStore(db, schema, mayUpgrade);
      return use(db);
    },
  );
}

/** As `openStoreFile`, an existing one of this version for reading, while another process may write it. */
export function readStoreFile<Store>(
  Database: typeof BetterSqlite3,
  path: string,
  { schema, ...reading }: Pick<StoreFileOptions, 'schema'> & ReadingOptions,
  use: (db: BetterSqlite3.Database) => Store,
): Store {
  return opened(
    path,
    () => openForReading(Database, path, reading),
    (db) => {
      checkStore(db, schema);
      checkNotOlder(db, schema);
      return use(db);
    },
  );
}

/** Opens and makes; closes what cannot be used. */
function opened<Store>(path: string, open: () => BetterSqlite3.Database, make: (db: BetterSqlite3.Database) => Store): Store {
  let db: BetterSqlite3.Database | undefined;
  try {
    return make((db = open()));
  } catch (error) {
    db?.close();
    throw storeFailure(error, path);
  }
}
