import { explainError, FarolaError, isJournal, journalPrefix } from '@farola/shared';
import { CommanderError } from 'commander';
import { program } from './program.js';

// A reader that has seen enough, such as `head`, closes the pipe: that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 74));

try {
  await program().parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError && error.exitCode === 0) process.exit(0);
  const { lines, exit } = explainError(usageOf(error), process.env['FAROLA_DEBUG'] === '1');
  const prefix = isJournal(2, process.env['JOURNAL_STREAM']) ? journalPrefix('error') : '';
  process.stderr.write(lines.join('\n').replaceAll(/^/gm, prefix) + '\n');
  process.exit(exit);
}

/** A mistake on the command line, as an error of the table. */
function usageOf(error: unknown): unknown {
  if (!(error instanceof CommanderError)) return error;
  const reason = error.code === 'commander.help' ? 'a command is missing' : error.message.replace(/^error: /, '');
  return new FarolaError('usage', { reason });
}
