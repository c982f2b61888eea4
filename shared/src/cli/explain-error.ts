import { ERRORS, FarolaError } from '../errors.js';
import { printable } from './printable.js';

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
  const lines = [`error: ${page(error.message)}`];
  if (error.hint !== undefined) lines.push(`hint: ${page(error.hint)}`);
  if (debug && thrown instanceof Error && thrown.stack !== undefined) lines.push(thrown.stack);
  return { lines, exit: ERRORS[error.code].exit };
}

const TEXT_LIMIT = 4000;

/** The lines of a text, each printable, and no more than a page of them. */
function page(text: string): string {
  const plain = text.split('\n').map(printable).join('\n');
  return plain.length > TEXT_LIMIT ? `${plain.slice(0, TEXT_LIMIT)} ...` : plain;
}

function internal(thrown: unknown): FarolaError {
  const reason = thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '') : String(thrown);
  return new FarolaError('internal', { reason });
}
