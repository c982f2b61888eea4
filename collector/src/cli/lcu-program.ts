import type { Command } from 'commander';
import type { CommandOptions } from './command-options.js';
import { addConfigCommands } from './lcu-config-program.js';

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

/** The commands on the LCUs of the fleet. Each is loaded when it is called. */
export function addLcuCommands(top: Command, common: () => CommandOptions): void {
  const lcu = top.command('lcu').description('the LCUs of the fleet');
  addMembers(lcu, common);
  addConfigCommands(lcu, common);
  addDecisions(lcu, common);
}

/** Who belongs to the fleet. */
function addMembers(lcu: Command, common: () => CommandOptions): void {
  const lcus = (): Promise<typeof import('./lcu.js')> => import('./lcu.js');
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
    .option('--json', 'print JSON')
    .action(async (lcuId: string, options: { words: string; json?: boolean }) =>
      (await lcus()).approveLcu(lcuId, { ...options, ...common() }),
    );
}

/** What a person decides about one. */
function addDecisions(lcu: Command, common: () => CommandOptions): void {
  for (const { command, decision, description } of DECISIONS) {
    lcu
      .command(`${command} <lcu>`)
      .description(description)
      .requiredOption('--reason <text>', 'why (required); it is kept with the decision')
      .option('--by <name>', 'who decides; by default who is logged in')
      .option('--json', 'print JSON')
      .action(async (lcuId: string, options: { reason: string; by?: string; json?: boolean }) =>
        (await import('./decide.js')).decideCommand(lcuId, decision, { ...options, ...common() }),
      );
  }
}
