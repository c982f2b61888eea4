import { existsSync, statSync } from 'node:fs';
import type BetterSqlite3 from 'better-sqlite3';
import { onDisk, sqliteCodeOf } from './sqlite-failure.js';

/** How long a lock is waited for, ms: whoever looks whether it is held holds it for a moment. */
const LOOK_MS = 200;

/** A lock that one process holds. */
export interface FileLock {
  release(): void;
}

/**
 * Takes the lock of a path, or throws `already-running`. It is SQLite's lock on an empty database beside the file: the
 * kernel lets go of it when the process ends in whatever way, and readers of the file itself are not kept out.
 */
export function lockFile(Database: typeof BetterSqlite3, path: string): FileLock {
  return onDisk(path, () => {
    const lock = new Database(`${path}.lock`, { timeout: LOOK_MS });
    try {
      lock.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      lock.close();
      throw error;
    }
    return { release: () => void lock.close() };
  });
}

/**
 * Takes the lock of a path as `lockFile` does, without making a file: where none is, no agent has ever run, and
 * undefined is given. @throws FarolaError `already-running`
 */
export async function lockExisting(path: string): Promise<FileLock | undefined> {
  if (!existsSync(`${path}.lock`)) return undefined;
  const { default: Database } = await import('better-sqlite3');
  return lockFile(Database, path);
}

/**
 * Whether a process holds the lock of a path: an agent that runs on it, or a command that keeps agents away. Nothing is made.
 * @returns undefined where that cannot be told
 */
export async function isLocked(path: string): Promise<boolean | undefined> {
  const state = statOf(`${path}.lock`);
  if (state !== 'there') return state === 'missing' ? false : undefined;
  const { default: Database } = await import('better-sqlite3');
  let lock: BetterSqlite3.Database | undefined;
  try {
    lock = new Database(`${path}.lock`, { readonly: true, timeout: 0 });
    lock.prepare('SELECT count(*) FROM sqlite_schema').get();
    return false;
  } catch (error) {
    return sqliteCodeOf(error)?.startsWith('SQLITE_BUSY') === true ? true : undefined;
  } finally {
    lock?.close();
  }
}

function statOf(path: string): 'there' | 'missing' | 'hidden' {
  try {
    return statSync(path, { throwIfNoEntry: false }) ? 'there' : 'missing';
  } catch {
    return 'hidden';
  }
}
