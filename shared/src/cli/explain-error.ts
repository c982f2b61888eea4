import { type ErrorCode, ERRORS, FarolaError } from '../errors.js';
import { printable } from './printable.js';

/** What a command prints on standard error when it fails, and the code it exits with. */
export interface Explanation {
  readonly lines: readonly string[];
  readonly exit: number;
}

/** What went wrong, as every `--json` tells it. */
export interface Problem {
  readonly code: ErrorCode;
  readonly message: string;
  /** What to do; null where the table has no advice. */
  readonly hint: string | null;
}

/** How an error is explained. */
export interface ExplainOptions {
  /** With the stack trace. */
  readonly debug?: boolean;
  /** As one line of JSON, `{"error": Problem}`, the last one; else in words. */
  readonly json?: boolean;
  /** How the commands that a hint names are to be called here; as it names them when it is not told. */
  readonly naming?: (hint: string) => string;
}

/**
 * Explains anything that was thrown in one `error:` line, and a `hint:` line where the table has advice, or in one line of JSON.
 * Never a stack trace, unless asked for by `debug`.
 */
export function explainError(thrown: unknown, { debug = false, json = false, naming }: ExplainOptions = {}): Explanation {
  const { code, message, hint: advice } = problemOf(thrown);
  const hint = advice === null || naming === undefined ? advice : naming(advice);
  const words = [`error: ${page(message)}`, ...(hint === null ? [] : [`hint: ${page(hint)}`])];
  const stack = debug && thrown instanceof Error && thrown.stack !== undefined ? [thrown.stack] : [];
  const lines = json ? [...stack, JSON.stringify({ error: { code, message, hint } })] : [...words, ...stack];
  return { lines, exit: ERRORS[code].exit };
}

/** What went wrong, of anything that was thrown. */
export function problemOf(thrown: unknown): Problem {
  const { code, message, hint } = thrown instanceof FarolaError ? thrown : internal(thrown);
  return { code, message, hint: hint ?? null };
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
