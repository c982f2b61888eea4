import type { Command } from 'commander';
import type { CommandOptions } from './command-options.js';

/** The commands on panels. Each is loaded when it is called. */
export function addPanelCommands(top: Command, common: () => CommandOptions): void {
  const panels = (): Promise<typeof import('./panel.js')> => import('./panel.js');
  const panel = top.command('panel').description('the panels');
  panel
    .command('list')
    .description('list all panels with their time zones and LCUs')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => (await panels()).listPanels({ ...options, ...common() }));
  panel
    .command('set <panel>')
    .description('say in which time zone a panel is')
    .requiredOption('--time-zone <zone>', 'name such as Atlantic/Canary, or `default` for that of the configuration')
    .option('--json', 'print JSON')
    .action(async (name: string, options: { timeZone: string; json?: boolean }) =>
      (await panels()).setPanel(name, { ...options, ...common() }),
    );
}
