import { absolutePath } from '@farola/shared';
import { Command } from 'commander';
import { CONFIG_PATH } from '../config/fs-config.js';
import { COLLECTOR_VERSION } from '../version.js';
import type { CommandOptions } from './command-options.js';
import type { InitOptions } from './init.js';
import { addKeysCommands } from './keys-program.js';
import { addLcuCommands } from './lcu-program.js';
import { addLedgerCommands } from './ledger-program.js';
import { addLookCommands } from './look-program.js';
import { addPanelCommands } from './panel-program.js';
import { addPlatformCommands } from './platform-program.js';
import { addReleaseCommands } from './release-program.js';
import { addStatusCommands } from './status-program.js';

/**
 * The command line of the collector. Each command is loaded when it is called.
 * @param out takes each line of result; standard output when it is not told
 * @param terminal where a person sits at one: how to ask, and how wide it is
 */
export function program(
  out: (line: string) => void = (line) => void process.stdout.write(line + '\n'),
  terminal: Pick<CommandOptions, 'ask' | 'columns' | 'note'> = {},
): Command {
  const top = new Command('farola-collector')
    .description('Polls every LCU, verifies what it signed, keeps it in the ledger.')
    .option('--config <path>', 'configuration', absolutePath, CONFIG_PATH)
    .version(COLLECTOR_VERSION)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .showSuggestionAfterError();
  const common = (): CommandOptions => ({ config: top.opts<{ config: string }>().config, out, ...terminal });

  addSetUp(top, common);
  addStatusCommands(top, common);
  addLcuCommands(top, common);
  addPanelCommands(top, common);
  addPoll(top, common);
  addLookCommands(top, common);
  addReleaseCommands(top, common);
  addPlatformCommands(top, common);
  addKeysCommands(top, common);
  addLedgerCommands(top, common);
  return top;
}

/** What makes a collector, and runs it. */
function addSetUp(top: Command, common: () => CommandOptions): void {
  top
    .command('init')
    .description('make configuration, keys and certificate authority of a new collector')
    .requiredOption('--id <name>', 'name of this collector')
    .requiredOption('--address <url>', 'where LCUs reach it, wss://host:port; 443 when no port is told')
    .option('--listen <host:port>', 'where it listens; by default on every address, on the port of --address')
    .option('--state-dir <path>', 'folder of keys, fleet and ledger', absolutePath, '/var/lib/farola-collector')
    .option('--run-dir <path>', 'folder of the control socket', absolutePath, '/run/farola-collector')
    .option('--poll-seconds <seconds>', 'length of a round', '300')
    .option('--json', 'print JSON')
    .action(async (options: InitOptions) => (await import('./init.js')).initCollector({ ...options, ...common() }));

  top
    .command('run')
    .description('run the collector')
    .option('--allow-root', 'run as root in folders of another user, who cannot use what is made there')
    .action(async (options: { allowRoot?: boolean }) => (await import('./run.js')).runCommand({ ...options, ...common() }));

  top
    .command('config')
    .description('look at the configuration')
    .command('check')
    .description('check the configuration; every problem at once, with its path')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => (await import('./config-check.js')).checkConfig({ ...options, ...common() }));
}

function addPoll(top: Command, common: () => CommandOptions): void {
  top
    .command('poll <lcu>')
    .description('poll an LCU now')
    .option('--json', 'print JSON')
    .action(async (lcuId: string, options: { json?: boolean }) =>
      (await import('./poll.js')).pollCommand(lcuId, { ...options, ...common() }),
    );
}
