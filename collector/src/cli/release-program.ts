import type { Command } from 'commander';
import type { CommandOptions } from './command-options.js';
import type { SignOptions } from './release-sign.js';

/** The commands on approved code. Each is loaded when it is called. */
export function addReleaseCommands(top: Command, common: () => CommandOptions): void {
  const release = top.command('release').description('which code of LCUs is approved');
  release
    .command('add <file>')
    .description('add a release that enough of the configured release keys signed')
    .option('--json', 'print JSON')
    .action(async (file: string, options: { json?: boolean }) =>
      (await import('./release.js')).addRelease(file, { ...options, ...common() }),
    );
  release
    .command('list')
    .description('list what is said of code, and how many LCUs run it')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => (await import('./release.js')).listReleases({ ...options, ...common() }));
  release
    .command('revoke <version|code>')
    .description('revoke a version, or a code hash, for ever: its answers are refused')
    .requiredOption('--reason <text>', 'why (required)')
    .option('--yes', 'do not ask')
    .option('--json', 'print JSON')
    .action(async (name: string, options: { reason: string; yes?: boolean; json?: boolean }) =>
      (await import('./release-revoke.js')).revokeRelease(name, { ...options, ...common() }),
    );
  release
    .command('key <file>')
    .description('make a release key; offline, no collector is needed')
    .option('--public', 'make none: print the public key of the one in this file')
    .option('--json', 'print JSON')
    .action(async (file: string, options: { public?: boolean; json?: boolean }) => {
      const { makeReleaseKey, showReleaseKey } = await import('./release-sign.js');
      await (options.public ? showReleaseKey : makeReleaseKey)(file, { ...options, ...common() });
    });
  release
    .command('sign <tree|file>')
    .description('sign a statement on the code of an installed tree, or one signature more to a release file; offline')
    .requiredOption('--key <file>', 'private release key (required)')
    .requiredOption('--output <file>', 'release file to write (required)')
    .option('--expires <time>', 'until when it approves: +365d or 2027-11-22; needed for a tree')
    .option('--sequence <number>', 'number of the statement, by default 1; with a file it makes a new statement on its code')
    .option('--revoked', 'revoke the code for ever instead of approving it')
    .option('--json', 'print JSON')
    .action(async (source: string, options: SignOptions) =>
      (await import('./release-sign.js')).signRelease(source, { ...options, ...common() }),
    );
}
