import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { FarolaError } from '@farola/shared';
import type { Database } from 'better-sqlite3';
import { checkWritableFile, ensureWritableFolder } from '../ledger/store-access.js';
import { storeFailure } from '../ledger/store-failure.js';
import { checkStore, prepareStore } from '../ledger/store-schema.js';
import type { AggregateReader, AggregateStore } from './aggregate-store.js';
import { AGGREGATES_SCHEMA } from './sqlite-aggregates-schema.js';
import { SqliteAggregateReader } from './sqlite-aggregate-reader.js';
import { SqliteAggregateStore } from './sqlite-aggregate-store.js';

/** How long a lock of another process is waited for, ms. */
const BUSY_MS = 5_000;
/** Pages of the write-ahead log before it is copied into the file: the same pages change with every round. */
const CHECKPOINT_PAGES = 4000;

/** Opens `aggregates.db`, made when it is not there, for the one that follows the ledger. Codes as `openSqliteState`. */
export async function openSqliteAggregates(path: string): Promise<AggregateStore & { close(): void }> {
  const { default: Sqlite } = await import('better-sqlite3');
  ensureWritableFolder(dirname(path));
  checkWritableFile(path);
  let db: Database | undefined;
  try {
    db = new Sqlite(path, { timeout: BUSY_MS });
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    prepareStore(db, AGGREGATES_SCHEMA);
    return new SqliteAggregateStore(db);
  } catch (error) {
    db?.close();
    throw storeFailure(error, path);
  }
}

/** Opens it for reading, while another process may write it. Also `aggregates-missing`. */
export async function openSqliteAggregateReader(path: string): Promise<AggregateReader & { close(): void }> {
  if (!existsSync(path)) throw new FarolaError('aggregates-missing', { path });
  const { default: Sqlite } = await import('better-sqlite3');
  let db: Database | undefined;
  try {
    db = new Sqlite(path, { timeout: BUSY_MS, readonly: true, fileMustExist: true });
    checkStore(db, AGGREGATES_SCHEMA);
    return new SqliteAggregateReader(db);
  } catch (error) {
    db?.close();
    throw storeFailure(error, path);
  }
}
