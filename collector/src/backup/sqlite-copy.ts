import { readFile, rm } from 'node:fs/promises';
import type { Database } from 'better-sqlite3';
import { accessFailure } from '../store/access-failure.js';
import { storeFailure } from '../store/store-failure.js';

/**
 * The bytes of a database as it is at one moment, whole, while others write it. `aside` is a file that is made for it and
 * removed. Errors: `disk-failure`, `ledger-corrupt`, `permission-denied`.
 */
export async function copySqlite(path: string, aside: string): Promise<Uint8Array> {
  return copied(path, aside, (db) => db.prepare('VACUUM INTO ?').run(aside));
}

/** As `copySqlite`, page by page as they are: also where some are damaged. */
export async function copyPages(path: string, aside: string): Promise<Uint8Array> {
  return copied(path, aside, (db) => db.backup(aside));
}

async function copied(path: string, aside: string, copy: (db: Database) => unknown): Promise<Uint8Array> {
  const { default: Sqlite } = await import('better-sqlite3');
  await rm(aside, { force: true });
  try {
    const db = new Sqlite(path, { fileMustExist: true });
    try {
      await copy(db);
    } finally {
      db.close();
    }
    return await readFile(aside).then(
      (bytes) => new Uint8Array(bytes),
      (error: unknown) => {
        throw accessFailure(error, aside);
      },
    );
  } catch (error) {
    throw storeFailure(error, path);
  } finally {
    await rm(aside, { force: true });
  }
}
