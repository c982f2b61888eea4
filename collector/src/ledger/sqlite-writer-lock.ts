import { join } from 'node:path';
import { FarolaError } from '@farola/shared';
import type BetterSqlite3 from 'better-sqlite3';
import { makePrivate } from '../store/private-file.js';
import { storeFailure } from '../store/store-failure.js';

/** Name of the file that is locked; it stays when the lock is released. */
const WRITER_LOCK = 'writer.lock';

/** A lock that is held until it is released or its process ends, however it ends. */
export interface WriterLock {
  release(): void;
}

/**
 * Takes the right to write the ledger of a folder: the exclusive lock of a database of its own, which the kernel drops
 * with the process. Codes: `already-running`, `disk-failure`.
 */
export function takeWriterLock(Database: typeof BetterSqlite3, folder: string): WriterLock {
  const path = join(folder, WRITER_LOCK);
  let db: BetterSqlite3.Database | undefined;
  try {
    makePrivate(path);
    db = new Database(path, { timeout: 0 });
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db?.close();
    if (isBusy(error)) throw new FarolaError('already-running', { program: 'farola-collector', path: folder }, { cause: error });
    throw storeFailure(error, path);
  }
  const held = db;
  return { release: () => held.close() };
}

/** The same for a folder to which whoever holds it brings what is to be stored. Codes: `already-running`, `disk-failure`. */
export async function claimFolder(folder: string): Promise<WriterLock & { readonly file: string }> {
  const { default: Database } = await import('better-sqlite3');
  const lock = takeWriterLock(Database, folder);
  return { file: WRITER_LOCK, release: () => lock.release() };
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY';
}
