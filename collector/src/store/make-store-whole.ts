import { closeSync, fsyncSync, openSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import { removeStore } from './store-beside.js';

/**
 * Makes a database that appears at its path whole, with its tables and on the disk, or not at all: who opens it for reading meanwhile
 * finds no file. What an earlier try left beside it is removed. One caller at a time for each path, and nothing may be there yet. Throws
 * what SQLite and the file system throw.
 * @param make fills it; in WAL mode it may write nothing but its header, since the log does not go along
 */
export function makeStoreWhole(Database: typeof BetterSqlite3, path: string, make: (db: BetterSqlite3.Database) => void): void {
  const aside = `${path}.new`;
  removeStore(aside);
  try {
    const db = new Database(aside);
    try {
      make(db);
    } finally {
      db.close();
    }
    renameSync(aside, path);
  } catch (error) {
    removeStore(aside);
    throw error;
  }
  syncNames(dirname(path));
}

function syncNames(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
