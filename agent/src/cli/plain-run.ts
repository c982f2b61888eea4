import { absolutePath } from '@farola/shared';
import type { RunOptions } from './run.js';

/**
 * What `run` is asked by these arguments, as the command line of program.ts takes them, in the form in which services and people write them: an
 * agent that runs for months needs nothing of what reads all other forms. undefined for any other command line, also one that is wrong.
 */
export function plainRun([command, ...args]: readonly string[]): RunOptions | undefined {
  if (command !== 'run') return undefined;
  let options: RunOptions = {};
  const left = args.values();
  for (const arg of left) {
    if (arg === '--allow-root') options = { ...options, allowRoot: true };
    else if (arg === '--config') {
      const { value: path } = left.next();
      // One that begins so may be an option whose value was forgotten.
      if (path === undefined || path === '' || path.startsWith('-')) return undefined;
      options = { ...options, config: absolutePath(path) };
    } else return undefined;
  }
  return options;
}
