import { absolutePath } from '@farola/shared';
import { type Command, Option } from 'commander';
import type { BackupOptions, RestoreOptions } from './backup.js';
import type { CommandOptions } from './command-options.js';
import type { RotateCommandOptions } from './keys.js';

/** The commands on the collector's own keys. Each is loaded when it is called. */
export function addKeysCommands(top: Command, common: () => CommandOptions): void {
  const keys = top.command('keys').description("the collector's own keys: rotation, backup, restore");
  keys
    .command('list')
    .description('every key, where it stands, and which LCUs have confirmed')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => (await import('./keys.js')).listKeys({ ...options, ...common() }));
  keys
    .command('rotate [keys...]')
    .description('make the next poll, command or tls keys, under the root key; with --switch, use them now')
    .option('--root <file>', 'the root key, from where it is kept offline')
    .option('--until <time>', 'when the new keys alone are used at the latest: +30d or 2027-01-31', '+30d')
    .option('--at-once', 'no overlap: for a key that was stolen')
    .addOption(new Option('--switch', 'end the open rotation: use the new keys alone').conflicts(['root', 'atOnce']))
    .option('--force', 'with --switch: although some LCUs have not confirmed')
    .option('--json', 'print JSON')
    .action(async (what: string[], options: Omit<RotateCommandOptions, 'config' | 'out'>) =>
      (await import('./keys.js')).rotateCommand(what, { ...options, ...common() }),
    );
  keys
    .command('backup <file>')
    .description('write all that a new server needs but the ledger: an encrypted age file')
    .option('--passphrase-file <file>', 'encrypt with the passphrase in this file, 12 characters or more')
    .option('--recipient <recipient>', 'encrypt for this recipient of age, age1..., instead; again for more', collect, [])
    .option('--with-root <file>', 'take the root key in as well, from this file')
    .option('--json', 'print JSON')
    .action(async (file: string, options: Omit<BackupOptions, 'config' | 'out'>) =>
      (await import('./backup.js')).backupCommand(file, { ...options, ...common() }),
    );
  keys
    .command('restore <file>')
    .description('put a backup into place on a new server, where nothing is yet')
    .option('--passphrase-file <file>', 'the passphrase that it was encrypted with')
    .option('--identity-file <file>', 'the identity of a recipient of age, AGE-SECRET-KEY-1..., instead')
    .option('--state-dir <path>', 'folder of keys, fleet and ledger, instead of that in the backup', absolutePath)
    .option('--run-dir <path>', 'folder of the control socket, instead of that in the backup', absolutePath)
    .option('--listen <host:port>', 'where it listens, instead of that in the backup')
    .option('--json', 'print JSON')
    .action(async (file: string, options: Omit<RestoreOptions, 'config' | 'out'>) =>
      (await import('./backup.js')).restoreCommand(file, { ...options, ...common() }),
    );
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}
