import { explainError, FarolaError } from '@farola/shared';
import { CommanderError } from 'commander';
import { program } from './program.js';

try {
  await program().parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError && error.exitCode === 0) process.exit(0);
  const { lines, exit } = explainError(usageOf(error), process.env['FAROLA_DEBUG'] === '1');
  process.stderr.write(lines.join('\n') + '\n');
  process.exit(exit);
}

/** A mistake on the command line, as an error of the table. */
function usageOf(error: unknown): unknown {
  if (!(error instanceof CommanderError)) return error;
  return new FarolaError('usage', { reason: error.message.replace(/^error: /, '') });
}
