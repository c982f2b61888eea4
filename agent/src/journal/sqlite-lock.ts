import { existsSync } from 'node:fs';
import type BetterSqlite3 from 'better-sqlite3';
import { onDisk } from './sqlite-failure.js';

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
    const lock = new Database(`${path}.lock`, { timeout: 0 });
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
