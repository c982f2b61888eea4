import { explainError, FarolaError } from '@farola/shared';
import { CommanderError } from 'commander';
import type { CliIo } from './cli-io.js';
import type { FolderOptions } from './folders.js';
import { Interrupted } from './interrupted.js';
import { nameOptions } from './name-options.js';
import { agentProgram } from './program.js';

/**
 * Runs one command line; gives the exit code. Every failure is one `error:` and, where there is advice, one `hint:`, or with
 * `--json` one line of it; an end by a signal says nothing. What a hint advises has the options that this command was called with.
 */
export async function runCli(args: readonly string[], io: CliIo): Promise<number> {
  let called: FolderOptions = {};
  const naming = (hint: string): string => nameOptions(hint, called);
  try {
    io.checkStart();
    const program = agentProgram(io).hook('preAction', (_, command) => {
      called = command.opts<FolderOptions>();
      refuseEmptyPaths(called);
    });
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    if (error instanceof Interrupted) return error.exit;
    const told = error instanceof CommanderError ? usageOf(error) : error;
    const { lines, exit } = explainError(told, { debug: io.debug, json: args.includes('--json'), naming });
    for (const line of lines) io.err(line);
    return exit;
  }
}

/** An empty path is that of no file, and as a folder it would be the one that the command is called in: a shell had nothing to put there. */
function refuseEmptyPaths({ config, stateDir }: FolderOptions): void {
  if (config === '') throw new FarolaError('usage', { reason: '--config: the path is empty' });
  if (stateDir === '') throw new FarolaError('usage', { reason: '--state-dir: the path is empty' });
}

function usageOf(error: CommanderError): FarolaError {
  const reason = error.code === 'commander.help' ? 'which command?' : error.message.replace(/^error: /, '');
  return new FarolaError('usage', { reason }, { cause: error });
}
