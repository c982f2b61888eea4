import { setImmediate } from 'node:timers/promises';
import {
  ERRORS,
  errnoOf,
  explainError,
  FarolaError,
  findInstalledTree,
  isJournal,
  journalPrefix,
  whyFailed,
} from '@farola/shared';
import { checkEnvironment } from '../code/refused-environment.js';
import { OWN_FOLDER } from '../version.js';
import { exitCodeOf } from './exit-code.js';
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

/** As of a program that SIGPIPE ended, which node ignores: whoever reads the output has gone. */
const EXIT_BROKEN_PIPE = 141;

/** Runs a command as this process: tells its error, and ends with its exit code. */
export async function mainOf(command: (own: OwnProcess) => Promise<void>): Promise<void> {
  const own: OwnProcess = { ending: new AbortController(), err: printError, debug: process.env['FAROLA_DEBUG'] === '1' };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => own.ending.abort(new Interrupted(signal)));
  watchOutput();
  const json = process.argv.includes('--json');
  const code = await exitCodeOf(
    () => {
      checkEnvironment(process.env, findInstalledTree(OWN_FOLDER) ? process.execArgv : undefined);
      return command(own);
    },
    { ...own, json },
  );
  // What could not be written is told in the next turn of the loop.
  await setImmediate();
  process.exit(code);
}

/** Ends where nobody reads the output, or it cannot be written. */
function watchOutput(): void {
  process.stdout.on('error', (error) => {
    if (errnoOf(error) === 'EPIPE') process.exit(EXIT_BROKEN_PIPE);
    const failure = new FarolaError('output-failed', { reason: whyFailed(error, 'standard output') });
    const { lines, exit } = explainError(failure, { json: process.argv.includes('--json') });
    lines.forEach(printError);
    process.exit(exit);
  });
  // When nobody can be told, the exit code alone tells.
  process.stderr.on('error', (error) =>
    process.exit(errnoOf(error) === 'EPIPE' ? EXIT_BROKEN_PIPE : ERRORS['output-failed'].exit),
  );
}

const errorPrefix = isJournal(2, process.env['JOURNAL_STREAM']) ? journalPrefix('error') : '';

function printError(line: string): void {
  process.stderr.write(`${errorPrefix}${line.replaceAll('\n', `\n${errorPrefix}`)}\n`);
}
