import { explainError } from '@farola/shared';
import { Interrupted } from './interrupted.js';

/** How the failure of a command is told. */
export interface Telling {
  /** Prints one line of error or hint. */
  readonly err: (line: string) => void;
  /** Whether stack traces are wanted. */
  readonly debug: boolean;
  /** Whether it is told as one line of JSON. */
  readonly json: boolean;
}

/**
 * The exit code of a command. Every failure is one `error:` and, where there is advice, one `hint:`, or with `--json` one line of it; an end
 * by a signal says nothing.
 */
export async function exitCodeOf(command: () => Promise<void>, { err, debug, json }: Telling): Promise<number> {
  try {
    await command();
    return 0;
  } catch (error) {
    if (error instanceof Interrupted) return error.exit;
    const { lines, exit } = explainError(error, { debug, json });
    for (const line of lines) err(line);
    return exit;
  }
}
