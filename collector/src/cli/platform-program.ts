import type { Command } from 'commander';
import type { CommandOptions } from './command-options.js';
import type { JudgeOptions } from './platform.js';

const VERDICTS = [
  {
    command: 'add',
    verdict: 'approved',
    description: 'approve what LCUs run on: by the first digits of a hash that one told, or by a whole one',
    reason: 'what it is (required), such as an update and its date',
  },
  {
    command: 'revoke',
    verdict: 'revoked',
    description: 'approve it no more; LCUs on it are marked, and stored as ever',
    reason: 'why (required)',
  },
] as const;

/** The commands on what LCUs run on. Each is loaded when it is called. */
export function addPlatformCommands(top: Command, common: () => CommandOptions): void {
  const platform = top.command('platform').description('which node, libraries and units LCUs may run on');
  platform
    .command('list')
    .description('list what LCUs run on, and what was judged of it')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => (await import('./platform.js')).listPlatforms({ ...options, ...common() }));
  for (const { command, verdict, description, reason } of VERDICTS) {
    platform
      .command(`${command} <hash>`)
      .description(description)
      .requiredOption('--reason <text>', reason)
      .option('--by <name>', 'who decides; by default who is logged in')
      .option('--json', 'print JSON')
      .action(async (hash: string, options: Pick<JudgeOptions, 'reason' | 'by' | 'json'>) =>
        (await import('./platform.js')).judgePlatform(hash, verdict, { ...options, ...common() }),
      );
  }
}
