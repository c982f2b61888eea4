import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FarolaError } from '@farola/shared';
import type BetterSqlite3 from 'better-sqlite3';
import { accessFailure } from '../store/access-failure.js';
import { monthOf } from './ledger-key.js';
import { type LedgerFile, type LedgerFileOptions, openLedgerFile } from './sqlite-ledger-file.js';

const MONTH_FILE = /^(\d{4}-\d{2})\.db$/;

/** The files of the ledger, `2026-11.db` and so on; each is opened when it is first needed. */
export class LedgerFolder {
  readonly path: string;
  readonly #Database: typeof BetterSqlite3;
  readonly #options: LedgerFileOptions;
  readonly #open = new Map<string, LedgerFile>();
  #months: string[] = [];

  /** @param path of the folder, which must exist */
  constructor(Database: typeof BetterSqlite3, path: string, options: LedgerFileOptions) {
    this.#Database = Database;
    this.path = path;
    this.#options = options;
    this.refresh();
  }

  /** Looks for files that another process has made. Codes: `not-initialised`, `permission-denied`, `disk-failure`. */
  refresh(): void {
    const months = namesIn(this.path).flatMap((name) => MONTH_FILE.exec(name)?.[1] ?? []);
    this.#months = months.sort().reverse();
  }

  /** The months of which there is a file, oldest first. */
  get months(): readonly string[] {
    return this.#months.toReversed();
  }

  /** Every file, newest first. */
  *newestFirst(): Generator<LedgerFile> {
    for (const month of this.#months) yield this.file(month);
  }

  /** Every file, oldest first. */
  *oldestFirst(): Generator<LedgerFile> {
    for (const month of this.#months.toReversed()) yield this.file(month);
  }

  /**
   * The file that is written in at this time, made when it is not there. Never one before the newest: a wall clock that
   * steps back over the end of a month goes on in the newest file.
   */
  fileAt(wallMs: number): LedgerFile {
    const month = monthOf(wallMs);
    const newest = this.#months[0];
    if (newest !== undefined && newest >= month) return this.file(newest);
    const file = this.file(month);
    this.#months.unshift(month);
    return file;
  }

  close(): void {
    for (const { db } of this.#open.values()) db.close();
    this.#open.clear();
  }

  /** The file of a month. Codes: `disk-failure`, `ledger-corrupt`, `store-newer`. */
  file(month: string): LedgerFile {
    let file = this.#open.get(month);
    if (!file) {
      file = openLedgerFile(this.#Database, join(this.path, `${month}.db`), this.#options);
      this.#open.set(month, file);
    }
    return file;
  }
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (isMissing(error)) throw new FarolaError('not-initialised', { path, command: 'farola-collector init' }, { cause: error });
    throw accessFailure(error, path);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
