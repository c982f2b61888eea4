import { spawn } from 'node:child_process';
import { AGENT_CLI, type CommandOutcome, outcomeOf } from './agent-process.js';

/** Runs `farola-agent` as the user of the test; of root it takes what root may beyond the permissions of a file. */
export function powerlessAgent(...args: readonly string[]): Promise<CommandOutcome> {
  const node = [process.execPath, AGENT_CLI, ...args];
  const isRoot = process.getuid?.() === 0;
  const [command = '', ...rest] = isRoot ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--', ...node] : node;
  return outcomeOf(spawn(command, rest));
}
