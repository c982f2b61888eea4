import { agentProgram } from '@farola/agent/cli/program.js';
import { program as collectorProgram } from '@farola/collector/cli/program.js';
import { checkJson } from '#scripts/docs/json/check-json.js';
import type { Program } from '#scripts/demo/programs.js';

/**
 * Runs a command of the workspace's agent or collector to its end in this process, and gives what it printed: for what sets a
 * stage up and for what is asked again and again, of which a process each would be most of a test's cost. Rejects with the error.
 * What `--json` prints is held against docs/json.md. @param input of standard input
 */
export async function runHere(program: Program, args: readonly string[], input = ''): Promise<string> {
  const lines: string[] = [];
  const out = (line: string): void => void lines.push(line);
  if (program === 'collector') await collectorProgram(out).parseAsync(args, { from: 'user' });
  else if (program === 'agent') await agentHere(out, input).parseAsync(args, { from: 'user' });
  else throw new TypeError('an installed tree runs in a process of its own');
  const printed = lines.map((line) => `${line}\n`).join('');
  if (args.includes('--json')) checkJson(`farola-${program}`, args, printed);
  return printed;
}

function agentHere(out: (line: string) => void, input: string): ReturnType<typeof agentProgram> {
  return agentProgram({
    out,
    err: out,
    readInput: () => Promise.resolve(input),
    signal: new AbortController().signal,
    debug: false,
  });
}
