import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { accessFailure } from '../store/access-failure.js';
import { storeFailure } from '../store/store-failure.js';

/** What a database says of itself. */
export interface StoreFacts {
  readonly file: string;
  /** Version of its schema. */
  readonly schema: number;
  readonly pages: number;
  readonly pageBytes: number;
  readonly freePages: number;
}

/** Reads the head of a database, while others write it; no table. Errors: `disk-failure`, `ledger-corrupt`. */
export async function storeFacts(path: string): Promise<StoreFacts> {
  const { default: Sqlite } = await import('better-sqlite3');
  try {
    const db = new Sqlite(path, { readonly: true, fileMustExist: true });
    try {
      const of = (pragma: string): number => Number(db.pragma(pragma, { simple: true }));
      return {
        file: basename(path),
        schema: of('user_version'),
        pages: of('page_count'),
        pageBytes: of('page_size'),
        freePages: of('freelist_count'),
      };
    } finally {
      db.close();
    }
  } catch (error) {
    throw storeFailure(error, path);
  }
}

/** The files of a ledger, oldest first. Errors: those of `accessFailure`. */
export function ledgerFiles(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => /^\d{4}-\d{2}\.db$/.test(name));
    return names.sort().map((name) => join(folder, name));
  } catch (error) {
    throw accessFailure(error, folder);
  }
}
