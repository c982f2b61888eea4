import type { Command } from 'commander';
import type { CommandOptions } from './command-options.js';
import type { ExportOptions } from './export-proof.js';
import type { VerifyOptions } from './ledger-verify.js';

/** The commands on the ledger. Each is loaded when it is called. */
export function addLedgerCommands(top: Command, common: () => CommandOptions): void {
  const ledger = top.command('ledger').description('the store of what LCUs signed');
  ledger
    .command('export')
    .description('write a proof of what one LCU signed, to be checked by anyone (docs/evidence.md)')
    .requiredOption('--proof <lcu>', 'the LCU')
    .requiredOption('--from <time>', 'begin of receipt')
    .option('--to <time>', 'end of receipt, by default now')
    .option('--output <file>', 'file to write; by default LCU.farola-proof')
    .option('--json', 'print JSON')
    .action(async (options: ExportOptions) => (await import('./export-proof.js')).exportProof({ ...options, ...common() }));
  ledger
    .command('verify')
    .description('prove every answer again from the files alone, and tell what is missing')
    .option('--lcu <lcu>', 'only of this LCU')
    .option('--from <time>', 'begin of receipt, by default all')
    .option('--to <time>', 'end of receipt, by default now')
    .option('--month <month>', 'only the file of this month, such as 2026-11')
    .option('--json', 'print JSON')
    .action(async (options: VerifyOptions) => (await import('./ledger-verify.js')).verifyLedger({ ...options, ...common() }));
  ledger
    .command('rebuild')
    .description('make everything that is derived from the ledger anew; the collector must be stopped')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) =>
      (await import('./ledger-rebuild.js')).rebuildCommand({ ...options, ...common() }),
    );
}
