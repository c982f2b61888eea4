import { FarolaError } from '@farola/shared';
import { CommanderError } from 'commander';
import type { CliIo } from './cli-io.js';
import type { TellOptions } from './exit-code.js';
import type { FolderOptions } from './folders.js';
import { agentProgram } from './program.js';

/** Runs one command line. @throws FarolaError, `usage` for one that is no command; `Interrupted` */
export async function runCommandLine(args: readonly string[], io: CliIo, called: TellOptions): Promise<void> {
  const program = agentProgram(io).hook('preAction', (_, command) => {
    const options = command.opts<FolderOptions>();
    called(options);
    refuseEmptyPaths(options);
  });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usageOf(error);
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
