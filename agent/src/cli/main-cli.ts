import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { endWithOutput, explainError, findInstalledTree, isJournal, journalPrefix } from '@farola/shared';
import { checkEnvironment } from '../code/refused-environment.js';
import { OWN_FOLDER } from '../version.js';
import { Interrupted } from './interrupted.js';
import { runCli } from './run-cli.js';

const ending = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => ending.abort(new Interrupted(signal)));

const errorPrefix = isJournal(2, process.env['JOURNAL_STREAM']) ? journalPrefix('error') : '';
const err = (line: string): void => void process.stderr.write(`${errorPrefix}${line.replaceAll('\n', `\n${errorPrefix}`)}\n`);

endWithOutput((failure) => {
  const { lines, exit } = explainError(failure, { json: process.argv.includes('--json') });
  lines.forEach(err);
  process.exit(exit);
});

/** Asks at the terminal. Ctrl-C there is read as a key, and ends the command as the signal does; the end of input is an empty answer. */
async function ask(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  terminal.once('SIGINT', () => ending.abort(new Interrupted('SIGINT')));
  const closed = once(terminal, 'close').then(() => '');
  try {
    return await Promise.race([terminal.question(question, { signal: ending.signal }), closed]);
  } catch (error) {
    process.stderr.write('\n');
    ending.signal.throwIfAborted();
    if (error instanceof Error && error.name === 'AbortError') return '';
    throw error;
  } finally {
    terminal.close();
  }
}

async function main(): Promise<void> {
  const code = await runCli(process.argv.slice(2), {
    out: (line) => void process.stdout.write(`${line}\n`),
    err,
    readInput: async () => (await import('node:stream/consumers')).text(process.stdin),
    // `process.stdin` is not looked at: node would open it, and load what reads files, for a program that never reads it.
    ask: isatty(0) ? ask : undefined,
    signal: ending.signal,
    checkStart: () => checkEnvironment(process.env, findInstalledTree(OWN_FOLDER) ? process.execArgv : undefined),
    debug: process.env['FAROLA_DEBUG'] === '1',
  });
  // What could not be written is told in the next turn of the loop.
  await setImmediate();
  process.exit(code);
}

// Not awaited: a bundle is CommonJS (docs/decisions/037-small-agent.md), and what fails ends the process all the same.
void main();
