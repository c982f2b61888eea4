import { FarolaError } from '@farola/shared';
import { isThere } from '../store/is-there.js';
import type { ReadingOptions } from '../store/open-for-reading.js';
import { openStoreFile, readStoreFile } from '../store/store-file.js';
import type { AggregateReader, AggregateStore } from './aggregate-store.js';
import { onAggregates } from './aggregates-failure.js';
import { AGGREGATES_SCHEMA } from './sqlite-aggregates-schema.js';
import { SqliteAggregateReader } from './sqlite-aggregate-reader.js';
import { SqliteAggregateStore } from './sqlite-aggregate-store.js';

/** How long a lock of another process is waited for, ms. */
const BUSY_MS = 5_000;
/** Pages of the write-ahead log before it is copied into the file: the same pages change with every round. */
const CHECKPOINT_PAGES = 4000;

/** Opens `aggregates.db`, made when it is not there, for the one that follows the ledger. Codes as `openStoreFile`, but `aggregates-corrupt`. */
export async function openSqliteAggregates(path: string): Promise<AggregateStore & { close(): void }> {
  const { default: Sqlite } = await import('better-sqlite3');
  const options = { schema: AGGREGATES_SCHEMA, busyMs: BUSY_MS, checkpointPages: CHECKPOINT_PAGES };
  return onAggregates(path, () => openStoreFile(Sqlite, path, options, (db) => new SqliteAggregateStore(db)));
}

/** Opens it for reading, while another process may write it. Also `aggregates-missing`. */
export async function openSqliteAggregateReader(
  path: string,
  onCopy?: ReadingOptions['onCopy'],
): Promise<AggregateReader & { close(): void }> {
  if (!isThere(path)) throw new FarolaError('aggregates-missing', { path });
  const { default: Sqlite } = await import('better-sqlite3');
  const options = { schema: AGGREGATES_SCHEMA, busyMs: BUSY_MS, onCopy };
  return onAggregates(path, () => readStoreFile(Sqlite, path, options, (db) => new SqliteAggregateReader(db)));
}
