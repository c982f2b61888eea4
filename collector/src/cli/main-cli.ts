import { ERRORS, errnoOf, explainError, FarolaError, isJournal, journalPrefix, whyFailed } from '@farola/shared';
import { CommanderError } from 'commander';
import { askOnTerminal } from './confirm.js';
import { nameConfig } from './name-config.js';
import { program } from './program.js';

// A reader that has seen enough, such as `head`, closes the pipe: that is no error.
process.stdout.on('error', (error) => {
  if (errnoOf(error) === 'EPIPE') process.exit(0);
  end(new FarolaError('output-failed', { reason: whyFailed(error, 'standard output') }));
});
// When nobody can be told, the exit code alone tells.
process.stderr.on('error', () => process.exit(ERRORS['output-failed'].exit));

const { stdin, stdout } = process;
const ask = stdin.isTTY ? askOnTerminal : undefined;
const columns = stdout.isTTY ? stdout.columns : undefined;
const top = program(undefined, { ask, columns, note: (line) => void process.stderr.write(line + '\n') });
try {
  await top.parseAsync(process.argv);
} catch (error) {
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
