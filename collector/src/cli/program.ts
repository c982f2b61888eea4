import { Command, Option } from 'commander';
import { CONFIG_PATH } from '../fs-config.js';
import { COLLECTOR_VERSION } from '../version.js';
import type { ExportOptions } from './export-proof.js';
import type { InitOptions } from './init.js';
import { addPlatformCommands } from './platform-program.js';
import { INTERVAL_KINDS } from '../aggregate/intervals.js';
import type { IntervalOptions } from './intervals.js';
import type { VerifyOptions } from './ledger-verify.js';
import { addConfigCommands } from './lcu-config-program.js';
import { addKeysCommands } from './keys-program.js';
import { addReleaseCommands } from './release-program.js';
import type { ReadingsOptions } from './readings.js';
import type { UptimeOptions } from './uptime.js';

const DECISIONS = [
  {
    command: 'quarantine',
    decision: 'quarantined',
    description: 'poll and store an LCU, and count nothing of it until it is released',
  },
  {
    command: 'release',
    decision: 'released',
    description: 'end a quarantine; what begins at the next restart of the agent counts again',
  },
  {
    command: 'revoke',
    decision: 'revoked',
    description: 'trust the key of an LCU no more: stolen, cloned, replaced; `lcu add` invites a new one',
  },
  { command: 'retire', decision: 'retired', description: 'take an LCU out of service; its readings stay' },
] as const;

/** The command line of the collector. Each command is loaded when it is called. */
export function program(): Command {
  const top = new Command('farola-collector')
    .description('Polls every LCU, verifies what it signed, keeps it in the ledger.')
    .option('--config <path>', 'configuration', CONFIG_PATH)
    .version(COLLECTOR_VERSION)
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .showSuggestionAfterError();
  const out = (line: string): void => void process.stdout.write(line + '\n');
  const common = (): { config: string; out: typeof out } => ({ config: top.opts<{ config: string }>().config, out });

  top
    .command('init')
    .description('make configuration, keys and certificate authority of a new collector')
    .requiredOption('--id <name>', 'name of this collector')
    .requiredOption('--address <url>', 'where LCUs reach it, wss://host:port')
    .option('--listen <host:port>', 'where it listens; by default on every address, on the port of --address')
    .option('--state-dir <path>', 'folder of keys, fleet and ledger', '/var/lib/farola-collector')
    .option('--run-dir <path>', 'folder of the control socket', '/run/farola-collector')
    .option('--poll-seconds <seconds>', 'length of a round', '300')
    .action(async (options: InitOptions) => (await import('./init.js')).initCollector({ ...options, ...common() }));

  top
    .command('run')
    .description('run the collector')
    .action(async () => (await import('./run.js')).runCommand(common()));

  top
    .command('config')
    .description('look at the configuration')
    .command('check')
    .description('check the configuration; every problem at once, with its path')
    .action(async () => (await import('./config-check.js')).checkConfig(common()));

  const lcus = (): Promise<typeof import('./lcu.js')> => import('./lcu.js');
  const lcu = top.command('lcu').description('the LCUs of the fleet');
  lcu
    .command('add <lcu>')
    .description(
      'add an LCU and print its enrolment token; again, while it is not in use (never approved, revoked, retired), for a new one',
    )
    .requiredOption('--panel <panel>', 'the panel that it is in (required)')
    .option('--json', 'print JSON')
    .action(async (lcuId: string, options: { panel: string; json?: boolean }) =>
      (await lcus()).addLcu(lcuId, { ...options, ...common() }),
    );
  lcu
    .command('list')
    .description('list all LCUs')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => (await lcus()).listLcus({ ...options, ...common() }));
  lcu
    .command('show <lcu>')
    .description('show one LCU: state, words, keys, panel, meters')
    .option('--json', 'print JSON')
    .action(async (lcuId: string, options: { json?: boolean }) => (await lcus()).showLcu(lcuId, { ...options, ...common() }));
  lcu
    .command('approve <lcu>')
    .description('approve a pending LCU after comparing its six words')
    .requiredOption('--words <words>', 'the six words as the technician reads them, in quotes')
    .action(async (lcuId: string, options: { words: string }) => (await lcus()).approveLcu(lcuId, { ...options, ...common() }));
  addConfigCommands(lcu, common);
  for (const { command, decision, description } of DECISIONS) {
    lcu
      .command(`${command} <lcu>`)
      .description(description)
      .requiredOption('--reason <text>', 'why (required); it is kept with the decision')
      .option('--by <name>', 'who decides; by default who is logged in')
      .action(async (lcuId: string, options: { reason: string; by?: string }) =>
        (await import('./decide.js')).decideCommand(lcuId, decision, { ...options, ...common() }),
      );
  }

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
    .action(async (name: string, options: { timeZone: string }) => (await panels()).setPanel(name, { ...options, ...common() }));

  top
    .command('poll <lcu>')
    .description('poll an LCU now')
    .option('--json', 'print JSON')
    .action(async (lcuId: string, options: { json?: boolean }) =>
      (await import('./poll.js')).pollCommand(lcuId, { ...options, ...common() }),
    );

  top
    .command('readings [lcu]')
    .description('latest values, the samples of a span of time, or by interval: energy, minimum, mean, maximum')
    .option('--point <panel/analyser>', 'of one measuring point')
    .option('--panel <panel>', 'of one panel, by interval')
    .addOption(new Option('--interval <length>', 'by interval, in the time zone of the panel').choices(INTERVAL_KINDS))
    .option('--from <time>', 'begin: 2026-11-22, 2026-11-22T18:00Z or -6h; a date by interval is of the time zone of the panel')
    .option('--to <time>', 'end, by default now; by interval not included')
    .option('--quantity <name...>', 'only these quantities')
    .addOption(new Option('--csv', 'print CSV, in the order of receipt').conflicts('json'))
    .option('--json', 'print JSON, one line a reading, in the order of receipt')
    .addOption(new Option('--chart', 'draw each quantity, by interval').conflicts(['csv', 'json']))
    .action(async (lcuId: string | undefined, options: ReadingsOptions | IntervalOptions) =>
      'interval' in options
        ? (await import('./intervals.js')).printIntervals({ ...options, lcuId, ...common() })
        : (await import('./readings.js')).printReadings({ ...options, lcuId, ...common() }),
    );

  top
    .command('uptime [lcu]')
    .description('in how many rounds LCUs were up, and why not; of one LCU every reason')
    .option('--hours <hours>', 'the last hours, by default 24')
    .option('--days <days>', 'the last days')
    .option('--from <time>', 'begin: 2026-11-22, 2026-11-22T18:00Z or -6h')
    .option('--to <time>', 'end, by default now')
    .addOption(new Option('--csv', 'print CSV').conflicts('json'))
    .option('--json', 'print JSON, one line an LCU')
    .action(async (lcuId: string | undefined, options: UptimeOptions) =>
      (await import('./uptime.js')).printUptime({ ...options, lcuId, ...common() }),
    );

  top
    .command('events [lcu]')
    .description('what LCUs recorded: stops, damage, contradictions; late ones with their age')
    .option('--from <time>', 'begin of receipt, by default -7d')
    .option('--json', 'print JSON, one line an event')
    .action(async (lcuId: string | undefined, options: { from?: string; json?: boolean }) =>
      (await import('./events.js')).printEvents({ ...options, lcuId, ...common() }),
    );

  addReleaseCommands(top, common);
  addPlatformCommands(top, common);
  addKeysCommands(top, common);

  const ledger = top.command('ledger').description('the store of what LCUs signed');
  ledger
    .command('export')
    .description('write a proof of what one LCU signed, to be checked by anyone (docs/evidence.md)')
    .requiredOption('--proof <lcu>', 'the LCU')
    .requiredOption('--from <time>', 'begin of receipt')
    .option('--to <time>', 'end of receipt, by default now')
    .option('--output <file>', 'file to write; by default LCU.farola-proof')
    .action(async (options: ExportOptions) => (await import('./export-proof.js')).exportProof({ ...options, ...common() }));
  ledger
    .command('verify')
    .description('prove every answer again from the files alone, and tell what is missing')
    .option('--lcu <lcu>', 'only of this LCU')
    .option('--from <time>', 'begin of receipt')
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
  return top;
}
