import { setImmediate } from 'node:timers/promises';
import { endWithOutput, explainError, FarolaError, isJournal, journalPrefix } from '@farola/shared';
import { CommanderError } from 'commander';
import { askOnTerminal } from './confirm.js';
import { nameConfig } from './name-config.js';
import { program } from './program.js';

endWithOutput(end);

const { stdin, stdout } = process;
const ask = stdin.isTTY ? askOnTerminal : undefined;
const columns = stdout.isTTY ? stdout.columns : undefined;
const top = program(undefined, { ask, columns, note: (line) => void process.stderr.write(line + '\n') });
try {
  await top.parseAsync(process.argv);
} catch (error) {
  // What could not be written is told in the next turn of the loop, and comes first: what the error speaks of was not told whole.
  await setImmediate();
  if (!(error instanceof CommanderError) || error.exitCode !== 0) end(usageOf(error));
}

/** Tells an error, and ends with its exit code. */
function end(error: unknown): never {
  const { argv, env } = process;
  const naming = (hint: string): string => nameConfig(hint, top.opts<{ config: string }>().config);
  const { lines, exit } = explainError(error, { debug: env['FAROLA_DEBUG'] === '1', json: argv.includes('--json'), naming });
  const prefix = isJournal(2, process.env['JOURNAL_STREAM']) ? journalPrefix('error') : '';
  process.stderr.write(lines.join('\n').replaceAll(/^/gm, prefix) + '\n');
  process.exit(exit);
}

/** A mistake on the command line, as an error of the table. */
function usageOf(error: unknown): unknown {
  if (!(error instanceof CommanderError)) return error;
  const reason = error.code === 'commander.help' ? 'which command?' : error.message.replace(/^error: /, '');
  return new FarolaError('usage', { reason });
}
