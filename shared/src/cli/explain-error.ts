import { ERRORS, FarolaError } from '../errors.js';

/** What a command prints on standard error when it fails, and the code it exits with. */
export interface Explanation {
  readonly lines: readonly string[];
  readonly exit: number;
}

/**
 * Explains anything that was thrown in one `error:` line, and a `hint:` line where the table has advice. Never a stack
 * trace, unless asked for by `debug`.
 */
export function explainError(thrown: unknown, debug = false): Explanation {
  const error = thrown instanceof FarolaError ? thrown : internal(thrown);
  const lines = [`error: ${error.message}`];
  if (error.hint !== undefined) lines.push(`hint: ${error.hint}`);
  if (debug && thrown instanceof Error && thrown.stack !== undefined) lines.push(thrown.stack);
  return { lines, exit: ERRORS[error.code].exit };
}

function internal(thrown: unknown): FarolaError {
  const reason = thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '') : String(thrown);
  return new FarolaError('internal', { reason });
}
