import { agentProgram } from '@farola/agent/cli/program.js';
import { program } from '@farola/collector/cli/program.js';
import test from 'ava';
import type { Command } from 'commander';

/** They write a log, which is JSON already. */
const LOGGING = ['farola-agent run', 'farola-collector run'];

/** Every command that does something, by its full name. */
function commands(command: Command, before: readonly string[] = []): [name: string, command: Command][] {
  const name = [...before, command.name()];
  if (command.commands.length === 0) return [[name.join(' '), command]];
  return command.commands.flatMap((one) => commands(one, name));
}

const io = {
  out: () => undefined,
  err: () => undefined,
  readInput: async () => '',
  signal: new AbortController().signal,
  debug: false,
};

test('every command of both programs has --json', (t) => {
  const all = [...commands(program()), ...commands(agentProgram(io))];
  t.true(all.length > 40);
  const without = all.filter(([, { options }]) => !options.some(({ long }) => long === '--json')).map(([name]) => name);
  t.deepEqual(without.toSorted(), LOGGING);
});
