import type { Command } from 'commander';
import type { CommandOptions } from './command-options.js';
import type { PushOptions } from './lcu-config.js';

/** The commands on the configuration of an LCU. Each is loaded when it is called. */
export function addConfigCommands(lcu: Command, common: () => CommandOptions): void {
  const config = lcu.command('config').description('the configuration of an LCU: lines, analysers, sampleSeconds, log');
  config
    .command('push <lcu> <file>')
    .description('send fields of a configuration; the LCU checks them, tries them, and keeps them or rolls back by itself')
    .requiredOption('--reason <text>', 'why (required); it is kept with the command')
    .option('--by <name>', 'who sends it; by default who is logged in')
    .option('--valid <time>', 'how long it waits for an LCU that is away: +7d, or a date', '+7d')
    .option('--wait <seconds>', 'how long to wait here for what the LCU says', '0')
    .option('--json', 'print JSON')
    .action(async (lcuId: string, file: string, options: Omit<PushOptions, 'config' | 'out'>) =>
      (await import('./lcu-config.js')).pushConfig(lcuId, file, { ...options, ...common() }),
    );
  config
    .command('show <lcu>')
    .description('what was sent last, and what became of it')
    .option('--json', 'print JSON')
    .action(async (lcuId: string, options: { json?: boolean }) =>
      (await import('./lcu-config-show.js')).showConfig(lcuId, { ...options, ...common() }),
    );
}
