import { FarolaError } from '@farola/shared';

const DISK = /^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|PERM|BUSY|LOCKED|NOLFS|PROTOCOL)/;
const CORRUPT = /^SQLITE_(CORRUPT|NOTADB)/;

/** What SQLite throws: its result code by name (sqlite.org/rescode.html). */
interface CodedError extends Error {
  readonly code: string;
}

/**
 * What to throw for what a database threw: `disk-failure` when the machine failed it, `ledger-corrupt` when its bytes
 * contradict themselves, anything else as it came.
 */
export function storeFailure(thrown: unknown, path: string): unknown {
  if (!isCoded(thrown)) return thrown;
  const facts = { path, reason: `${thrown.message} (${thrown.code})` };
  if (DISK.test(thrown.code)) return new FarolaError('disk-failure', facts, { cause: thrown });
  if (CORRUPT.test(thrown.code)) return new FarolaError('ledger-corrupt', facts, { cause: thrown });
  return thrown;
}

/** Runs `work` on the database at `path`; throws as `storeFailure` says. */
export function onStore<Value>(path: string, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    throw storeFailure(error, path);
  }
}

function isCoded(thrown: unknown): thrown is CodedError {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' && thrown.code.startsWith('SQLITE_');
}
