import { mainOf } from './process-main.js';
import { runCommand, type RunOptions } from './run.js';

/** `farola-agent run` as a process. */
export function mainOfRun(options: RunOptions): Promise<void> {
  return mainOf(({ ending }, called) => {
    called(options);
    return runCommand(options, ending.signal);
  });
}
