import { FarolaError } from '@farola/shared';
import { CommanderError } from 'commander';
import type { CliIo } from './cli-io.js';
import { agentProgram } from './program.js';

/** Runs one command line; gives the exit code. Every failure is one `error:` and, where there is advice, one `hint:`. */
export async function runCli(args: readonly string[], io: CliIo): Promise<number> {
  try {
    await agentProgram(io).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const failure = failureOf(error);
    io.err(`error: ${failure.message}`);
    if (failure.hint !== undefined) io.err(`hint: ${failure.hint}`);
    if (io.debug && error instanceof Error) io.err(error.stack ?? '');
    return failure.exit;
  }
}

function failureOf(error: unknown): FarolaError {
  if (error instanceof FarolaError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  if (!(error instanceof CommanderError)) return new FarolaError('internal', { reason }, { cause: error });
  const helpShown = error.code === 'commander.help';
  return new FarolaError('usage', { reason: helpShown ? 'which command?' : reason.replace(/^error: /, '') }, { cause: error });
}
