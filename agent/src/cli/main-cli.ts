import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { findInstalledTree, isJournal, journalPrefix } from '@farola/shared';
import { checkEnvironment } from '../code/refused-environment.js';
import { OWN_FOLDER } from '../version.js';
import { Interrupted } from './interrupted.js';
import { runCli } from './run-cli.js';

/** As of a program that SIGPIPE ended, which node ignores: whoever reads the output has gone. */
const EXIT_BROKEN_PIPE = 141;

const ending = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => ending.abort(new Interrupted(signal)));

const unheard = (error: unknown): never | void => {
  if (error instanceof Error && 'code' in error && error.code === 'EPIPE') process.exit(EXIT_BROKEN_PIPE);
  throw error;
};
process.stdout.on('error', unheard);
process.stderr.on('error', unheard);

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question, { signal: ending.signal });
  } catch (error) {
    ending.signal.throwIfAborted();
    throw error;
  } finally {
    terminal.close();
  }
}

const errorPrefix = isJournal(2, process.env['JOURNAL_STREAM']) ? journalPrefix('error') : '';
const code = await runCli(process.argv.slice(2), {
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${errorPrefix}${line.replaceAll('\n', `\n${errorPrefix}`)}\n`),
  readInput: () => text(process.stdin),
  ask: process.stdin.isTTY ? ask : undefined,
  signal: ending.signal,
  checkStart: () => checkEnvironment(process.env, findInstalledTree(OWN_FOLDER) ? process.execArgv : undefined),
  debug: process.env['FAROLA_DEBUG'] === '1',
});
process.exit(code);
