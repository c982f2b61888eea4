import { accessSync, constants, copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { errnoOf, FarolaError, whyFailed } from '@farola/shared';
import type BetterSqlite3 from 'better-sqlite3';

/** How a file that is there is opened for reading alone. */
export interface ReadingOptions {
  /** How long a lock of another process is waited for, ms. */
  readonly busyMs: number;
  /**
   * SQLite reads a file in WAL mode only where it may write beside it (sqlite.org/wal.html section 4). With this, a file on a disk
   * that takes no writes is copied to the folder for temporary files and read there, and this is told its path; without it, that fails.
   */
  readonly onCopy?: ((path: string) => void) | undefined;
}

/**
 * Opens a database for reading, while another process may write it. Throws what SQLite and the file system throw; for a copy that cannot be
 * made `disk-failure` or `path-unusable`.
 */
export function openForReading(
  Database: typeof BetterSqlite3,
  path: string,
  { busyMs, onCopy }: ReadingOptions,
): BetterSqlite3.Database {
  try {
    return opened(Database, path, busyMs);
  } catch (error) {
    if (!onCopy || !existsSync(path) || !takesNoWrites(dirname(path))) throw error;
    onCopy(path);
    return openCopy(Database, path, busyMs);
  }
}

/** What cannot be read is seen at the first read. */
function opened(Database: typeof BetterSqlite3, path: string, busyMs: number): BetterSqlite3.Database {
  const db = new Database(path, { readonly: true, fileMustExist: true, timeout: busyMs });
  try {
    db.pragma('user_version');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Nobody writes there, so that file and log are copied as they are. The copy is one file, and without a name once it is open. */
function openCopy(Database: typeof BetterSqlite3, path: string, busyMs: number): BetterSqlite3.Database {
  const folder = inTemporary(() => mkdtempSync(join(tmpdir(), 'farola-read-')));
  try {
    const copy = join(folder, basename(path));
    inTemporary(() => {
      copyFileSync(path, copy, constants.COPYFILE_FICLONE);
      if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${copy}-wal`);
    });
    const whole = new Database(copy);
    try {
      whole.pragma('journal_mode = DELETE');
    } finally {
      whole.close();
    }
    return opened(Database, copy, busyMs);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whoever reads may have no room, or no right, where copies go: another folder helps. Codes: `disk-failure`, `path-unusable`. */
function inTemporary<Value>(copy: () => Value): Value {
  try {
    return copy();
  } catch (error) {
    const folder = tmpdir();
    const reason = `no copy can be made there (${whyFailed(error, folder)}); TMPDIR names another folder`;
    const isFull = errnoOf(error) === 'ENOSPC' || errnoOf(error) === 'EIO';
    throw new FarolaError(isFull ? 'disk-failure' : 'path-unusable', { path: folder, reason }, { cause: error });
  }
}

function takesNoWrites(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return false;
  } catch (error) {
    return errnoOf(error) === 'EROFS';
  }
}
