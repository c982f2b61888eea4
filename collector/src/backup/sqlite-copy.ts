import { readFile, rm } from 'node:fs/promises';
import { accessFailure } from '../store/access-failure.js';
import { storeFailure } from '../store/store-failure.js';

/**
 * The bytes of a database as it is at one moment, whole, while others write it. `aside` is a file that is made for it and
 * removed. Errors: `disk-failure`, `ledger-corrupt`, `permission-denied`.
 */
export async function copySqlite(path: string, aside: string): Promise<Uint8Array> {
  const { default: Sqlite } = await import('better-sqlite3');
  await rm(aside, { force: true });
  try {
    const db = new Sqlite(path, { fileMustExist: true });
    try {
      db.prepare('VACUUM INTO ?').run(aside);
    } finally {
      db.close();
    }
  } catch (error) {
    throw storeFailure(error, path);
  }
  try {
    return new Uint8Array(await readFile(aside));
  } catch (error) {
    throw accessFailure(error, aside);
  } finally {
    await rm(aside, { force: true });
  }
}
