import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import { type LedgerReads, prepareReads } from './sqlite-ledger-reads.js';
import { RememberedEpochs } from './remembered-epochs.js';
import { LEDGER_SCHEMA } from './sqlite-ledger-schema.js';
import { prepareTold, type ToldReads } from './sqlite-ledger-told.js';
import { makeStoreWhole } from '../store/make-store-whole.js';
import { makePrivate } from '../store/private-file.js';
import { openForReading, type ReadingOptions } from '../store/open-for-reading.js';
import { storeFailure } from '../store/store-failure.js';
import { checkStore, prepareStore, versionOf } from '../store/store-schema.js';

/** One file of the ledger, open. */
export interface LedgerFile {
  readonly path: string;
  /** `YYYY-MM`. */
  readonly month: string;
  readonly db: BetterSqlite3.Database;
  readonly reads: LedgerReads;
  readonly epochs: RememberedEpochs;
  /** Asked of a file that is open for writing: one that is only read may be of an older version. */
  readonly told: () => ToldReads;
}

/** How a file of the ledger is opened. */
export interface LedgerFileOptions {
  /** False: an existing file, which another process may be writing. */
  readonly writable: boolean;
  /** Most pages of a file, where a test fills the disk. */
  readonly maxPages?: number | undefined;
  /** See ReadingOptions. */
  readonly onCopy?: ReadingOptions['onCopy'];
}

/** How long a lock of another process is waited for, ms. */
const BUSY_MS = 5_000;

/**
 * Opens one file; for writing, one that is not there is made, and appears with its tables: only the holder of the writer's lock may.
 * Codes: `disk-failure`, `ledger-corrupt`, `store-newer`.
 */
export function openLedgerFile(Database: typeof BetterSqlite3, path: string, options: LedgerFileOptions): LedgerFile {
  let db: BetterSqlite3.Database | undefined;
  try {
    if (options.writable && !existsSync(path)) makeStoreWhole(Database, path, (made) => makeMonth(made, options));
    if (options.writable) makePrivate(path);
    db = options.writable
      ? new Database(path, { timeout: BUSY_MS })
      : openForReading(Database, path, { busyMs: BUSY_MS, onCopy: options.onCopy });
    if (options.writable) prepareForWriting(db, options);
    else checkStore(db, LEDGER_SCHEMA);
    const reads = prepareReads(db, versionOf(db));
    const epochs = new RememberedEpochs((epochNo) => reads.epoch.get(epochNo));
    return { path, month: basename(path, '.db'), db, reads, epochs, told: once(db, prepareTold) };
  } catch (error) {
    db?.close();
    throw storeFailure(error, path);
  }
}

function once<From, Made>(from: From, make: (from: From) => Made): () => Made {
  let made: Made | undefined;
  return () => (made ??= make(from));
}

/** Three answers of ten samples fit a page: a quarter less to write than with SQLite's 4096. */
const PAGE_BYTES = 8192;
/** Pages of the write-ahead log before it is copied into the file: a page that many answers touched is copied once. */
const CHECKPOINT_PAGES = 2000;

/** WAL comes last: the tables are then in the file itself. */
function makeMonth(db: BetterSqlite3.Database, { maxPages }: LedgerFileOptions): void {
  db.pragma(`page_size = ${PAGE_BYTES}`);
  if (maxPages !== undefined) db.pragma(`max_page_count = ${maxPages}`);
  prepareStore(db, LEDGER_SCHEMA);
  db.pragma('journal_mode = WAL');
}

function prepareForWriting(db: BetterSqlite3.Database, { maxPages }: LedgerFileOptions): void {
  db.pragma('journal_mode = WAL');
  db.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  db.pragma('synchronous = FULL');
  if (maxPages !== undefined) db.pragma(`max_page_count = ${maxPages}`);
  prepareStore(db, LEDGER_SCHEMA);
}
