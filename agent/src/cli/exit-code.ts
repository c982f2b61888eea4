import { explainError } from '@farola/shared';
import type { FolderOptions } from './folders.js';
import { Interrupted } from './interrupted.js';
import { nameOptions } from './name-options.js';

/** How the failure of a command is told. */
export interface Telling {
  /** Prints one line of error or hint. */
  readonly err: (line: string) => void;
  /** Whether stack traces are wanted. */
  readonly debug: boolean;
  /** Whether it is told as one line of JSON. */
  readonly json: boolean;
}

/** Is told the options that a command was called with, as soon as they are known. */
export type TellOptions = (options: FolderOptions) => void;

/**
 * The exit code of a command. Every failure is one `error:` and, where there is advice, one `hint:`, or with `--json` one line of it; an end
 * by a signal says nothing. What a hint advises has the options that this command was called with.
 */
export async function exitCodeOf(
  command: (called: TellOptions) => Promise<void>,
  { err, debug, json }: Telling,
): Promise<number> {
  let options: FolderOptions = {};
  try {
    await command((by) => void (options = by));
    return 0;
  } catch (error) {
    if (error instanceof Interrupted) return error.exit;
    const { lines, exit } = explainError(error, { debug, json, naming: (hint) => nameOptions(hint, options) });
    for (const line of lines) err(line);
    return exit;
  }
}
