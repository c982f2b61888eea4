import { FarolaError } from '@farola/shared';

/** SQLite's result code of anything thrown, such as SQLITE_FULL; undefined when SQLite did not throw it. */
export function sqliteCodeOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || thrown.name !== 'SqliteError' || !('code' in thrown)) return undefined;
  return String(thrown.code);
}

/**
 * Runs work on a database file; what SQLite throws comes out as a FarolaError: `journal-corrupt`, `already-running`,
 * `permission-denied` or `disk-failure` (https://www.sqlite.org/rescode.html).
 */
export function onDisk<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw failureOf(path, error);
  }
}

/** The FarolaError of what SQLite threw; anything else as it is. */
export function failureOf(path: string, thrown: unknown): unknown {
  const code = sqliteCodeOf(thrown);
  if (code === undefined) return thrown;
  const reason = `${thrown instanceof Error ? thrown.message : ''} (${code})`;
  const options = { cause: thrown };
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return new FarolaError('journal-corrupt', { path, reason }, options);
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return new FarolaError('already-running', { program: 'farola-agent', path }, options);
  return new FarolaError('disk-failure', { path, reason }, options);
}
