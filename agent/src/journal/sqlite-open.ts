import { closeSync, openSync } from 'node:fs';
import type BetterSqlite3 from 'better-sqlite3';
import { fileFailure } from '../trust/fs-durable-file.js';
import type { Journal } from './journal.js';
import { onDisk } from './sqlite-failure.js';
import { type ResumableJournal, SqliteJournal, type SqliteJournalOptions } from './sqlite-journal.js';
import { type FileLock, lockFile } from './sqlite-lock.js';
import { adoptJournal, prepareForWriting } from './sqlite-schema.js';

const OWNER_ONLY = 0o600;

/**
 * Opens the journal of an LCU, a new one when there is none, for this process alone.
 * @throws FarolaError `already-running`, `journal-corrupt`, `disk-failure`, `permission-denied`
 */
export async function openSqliteJournal(options: SqliteJournalOptions): Promise<Journal> {
  const { default: Database } = await import('better-sqlite3');
  return openSqliteJournalWith(Database, options);
}

/** As `openSqliteJournal`, with SQLite at hand. */
export function openSqliteJournalWith(Database: typeof BetterSqlite3, options: SqliteJournalOptions): ResumableJournal {
  createPrivately(options.path);
  const lock = lockFile(Database, options.path);
  try {
    return onDisk(options.path, () => openLocked(new Database(options.path), options, lock));
  } catch (error) {
    lock.release();
    throw error;
  }
}

function openLocked(db: BetterSqlite3.Database, options: SqliteJournalOptions, lock: FileLock): ResumableJournal {
  try {
    prepareForWriting(db);
    adoptJournal(db, options.path, options.lcuId);
    return new SqliteJournal(db, options, lock);
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Creates the file before SQLite does, since its companions take over its mode. */
function createPrivately(path: string): void {
  try {
    closeSync(openSync(path, 'a', OWNER_ONLY));
  } catch (error) {
    throw fileFailure(path, error);
  }
}
