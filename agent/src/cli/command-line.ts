import { FarolaError } from '@farola/shared';
import { CommanderError } from 'commander';
import type { CliIo } from './cli-io.js';
import { agentProgram } from './program.js';

/** Runs one command line. @throws FarolaError, `usage` for one that is no command; `Interrupted` */
export async function runCommandLine(args: readonly string[], io: CliIo): Promise<void> {
  try {
    await agentProgram(io).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usageOf(error);
  }
}

function usageOf(error: CommanderError): FarolaError {
  const reason = error.code === 'commander.help' ? 'which command?' : error.message.replace(/^error: /, '');
  return new FarolaError('usage', { reason }, { cause: error });
}
