import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf, syncFolder } from '@farola/shared';
import type BetterSqlite3 from 'better-sqlite3';
import { onStore } from './store-failure.js';

/** Files that SQLite keeps beside a database (sqlite.org/tempfiles.html). */
const SUFFIXES = ['', '-wal', '-shm', '-journal'];

/** Where a store is made anew that is to take the place of the one at a path. */
export function besideOf(path: string): string {
  return `${path}.anew`;
}

/** Removes a store with what SQLite keeps beside it, if it is there. */
export function removeStore(path: string): void {
  for (const suffix of SUFFIXES) rmSync(path + suffix, { force: true });
}

/**
 * Puts the store that was made beside a path there, in one step, when it is closed. An older one is brought together in its one
 * file first, which waits for whoever reads it: a log of the old file must not lie beside the new one
 * (sqlite.org/howtocorrupt.html section 1.4). One that is damaged cannot be: it is set aside with its log, under the name that this
 * gives, in the place of one that was before. Code: `disk-failure`, also while another process keeps the old one open.
 */
export async function replaceStore(Database: typeof BetterSqlite3, path: string, busyMs: number): Promise<string | undefined> {
  let damaged: string | undefined;
  try {
    if (existsSync(path)) onStore(path, () => closeWithoutLog(new Database(path, { timeout: busyMs })));
  } catch (error) {
    if (codeOf(error) !== 'ledger-corrupt') throw error;
    damaged = setAside(path);
  }
  renameSync(besideOf(path), path);
  await syncFolder(dirname(path));
  return damaged;
}

/** The log goes first: the new file must never lie beside it. */
function setAside(path: string): string {
  const aside = `${path}.damaged`;
  removeStore(aside);
  for (const suffix of SUFFIXES.toReversed()) if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  return aside;
}

function closeWithoutLog(db: BetterSqlite3.Database): void {
  try {
    db.pragma('journal_mode = DELETE');
  } finally {
    db.close();
  }
}
