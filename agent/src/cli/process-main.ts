import { setImmediate } from 'node:timers/promises';
import { endWithOutput, explainError, findInstalledTree, isJournal, journalPrefix } from '@farola/shared';
import { checkEnvironment } from '../code/refused-environment.js';
import { OWN_FOLDER } from '../version.js';
import { exitCodeOf, type TellOptions } from './exit-code.js';
import { Interrupted } from './interrupted.js';

/** The process that a command runs in. */
export interface OwnProcess {
  /** Aborted, with an `Interrupted`, when the user, or systemd, wants an end. */
  readonly ending: AbortController;
  /** Prints one line of error or hint. */
  readonly err: (line: string) => void;
  /** Whether stack traces are wanted (FAROLA_DEBUG=1). */
  readonly debug: boolean;
}

/** Runs a command as this process: tells its error, and ends with its exit code, or where its output cannot be written. */
export async function mainOf(command: (own: OwnProcess, called: TellOptions) => Promise<void>): Promise<void> {
  const own: OwnProcess = { ending: new AbortController(), err: printError, debug: process.env['FAROLA_DEBUG'] === '1' };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => own.ending.abort(new Interrupted(signal)));
  const json = process.argv.includes('--json');
  endWithOutput((failure) => {
    const { lines, exit } = explainError(failure, { json });
    lines.forEach(printError);
    process.exit(exit);
  });
  const code = await exitCodeOf(
    (called) => {
      checkEnvironment(process.env, findInstalledTree(OWN_FOLDER) ? process.execArgv : undefined);
      return command(own, called);
    },
    { ...own, json },
  );
  // What could not be written is told in the next turn of the loop.
  await setImmediate();
  process.exit(code);
}

const errorPrefix = isJournal(2, process.env['JOURNAL_STREAM']) ? journalPrefix('error') : '';

function printError(line: string): void {
  process.stderr.write(`${errorPrefix}${line.replaceAll('\n', `\n${errorPrefix}`)}\n`);
}
