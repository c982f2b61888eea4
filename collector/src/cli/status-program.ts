import { absolutePath } from '@farola/shared';
import type { Command } from 'commander';
import type { CommandOptions } from './command-options.js';
import type { StatusOptions } from './status.js';
import type { SupportBundleOptions } from './support-bundle.js';
import type { WatchOptions } from './watch.js';

/** The commands that tell how the fleet is now. Each is loaded when it is called. */
export function addStatusCommands(top: Command, common: () => CommandOptions): void {
  top
    .command('status [lcu]')
    .description('how the fleet is now, the worst first, and what to do; of one LCU everything')
    .option('--all', 'also LCUs that are revoked or retired')
    .option('--check', 'end with exit code 69 when an LCU is down or the collector is stopped, 1 when one needs a look')
    .option('--json', 'print JSON')
    .action(async (lcuId: string | undefined, options: Omit<StatusOptions, 'config' | 'out'>) =>
      (await import('./status.js')).printStatus({ ...options, lcuId, ...common() }),
    );
  top
    .command('watch')
    .description('the same again and again, until Ctrl-C')
    .option('--seconds <seconds>', 'between two looks', '5')
    .option('--all', 'also LCUs that are revoked or retired')
    .option('--json', 'print JSON, one line each time')
    .action(async (options: Omit<WatchOptions, 'config' | 'out'>) =>
      (await import('./watch.js')).watchStatus({ ...options, ...common() }),
    );
  top
    .command('support-bundle <file>')
    .description('write a tar with what whoever helps needs to know of this collector, and no secret')
    .option('--state-dir <path>', 'folder of the state, where the configuration is broken', absolutePath)
    .option('--json', 'print JSON')
    .action(async (file: string, options: Omit<SupportBundleOptions, 'config' | 'out'>) =>
      (await import('./support-bundle.js')).writeSupportBundle(file, { ...options, ...common() }),
    );
}
