import { type Command, Option } from 'commander';
import { INTERVAL_KINDS } from '../aggregate/intervals.js';
import type { CommandOptions } from './command-options.js';
import type { IntervalOptions } from './intervals.js';
import type { ReadingsOptions } from './readings.js';
import type { UptimeOptions } from './uptime.js';

/** Names with commas between them, behind those of before. */
function addNames(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...value.split(',').map((name) => name.trim())];
}

/** The commands that tell what LCUs said, and whether they answered. Each is loaded when it is called. */
export function addLookCommands(top: Command, common: () => CommandOptions): void {
  addReadings(top, common);
  addUptime(top, common);
  addEvents(top, common);
}

function addReadings(top: Command, common: () => CommandOptions): void {
  top
    .command('readings [lcu]')
    .description('latest values, the samples of a span of time, or by interval: energy, minimum, mean, maximum')
    .option('--point <panel/analyser>', 'of one measuring point')
    .option('--panel <panel>', 'of one panel, by interval')
    .addOption(new Option('--interval <length>', 'by interval, in the time zone of the panel').choices(INTERVAL_KINDS))
    .option(
      '--from <time>',
      'begin: 2026-11-22, 2026-11-22T18:00Z or -6h; a date alone is of UTC, by interval of the time zone of the panel',
    )
    .option('--to <time>', 'end, by default now; by interval not included')
    .option('--quantity <names>', 'only these quantities: names with commas between them, or the option again', addNames)
    .addOption(new Option('--csv', 'print CSV, in the order of receipt').conflicts('json'))
    .option('--json', 'print JSON, one line a reading, in the order of receipt')
    .addOption(new Option('--chart', 'draw each quantity, by interval').conflicts(['csv', 'json']))
    .action(async (lcuId: string | undefined, options: ReadingsOptions | IntervalOptions) =>
      'interval' in options
        ? (await import('./intervals.js')).printIntervals({ ...options, lcuId, ...common() })
        : (await import('./readings.js')).printReadings({ ...options, lcuId, ...common() }),
    );
}

function addUptime(top: Command, common: () => CommandOptions): void {
  top
    .command('uptime [lcu]')
    .description('in how many rounds LCUs were up, and why not; of one LCU every reason')
    .option('--hours <hours>', 'the last hours, by default 24')
    .option('--days <days>', 'the last days')
    .option('--from <time>', 'begin: 2026-11-22 (midnight in UTC), 2026-11-22T18:00Z or -6h')
    .option('--to <time>', 'end, by default now')
    .addOption(new Option('--csv', 'print CSV').conflicts('json'))
    .option('--json', 'print JSON, one line an LCU')
    .action(async (lcuId: string | undefined, options: UptimeOptions) =>
      (await import('./uptime.js')).printUptime({ ...options, lcuId, ...common() }),
    );
}

function addEvents(top: Command, common: () => CommandOptions): void {
  top
    .command('events [lcu]')
    .description('what LCUs recorded: stops, damage, contradictions; late ones with their age')
    .option('--from <time>', 'begin of receipt, by default -7d')
    .option('--json', 'print JSON, one line an event')
    .action(async (lcuId: string | undefined, options: { from?: string; json?: boolean }) =>
      (await import('./events.js')).printEvents({ ...options, lcuId, ...common() }),
    );
}
