import { runCommandLine } from './command-line.js';
import { mainOf } from './process-main.js';
import { terminalIo } from './terminal-io.js';

/** Any command of `farola-agent` as a process. */
export function mainOfCommands(): Promise<void> {
  return mainOf((own, called) => runCommandLine(process.argv.slice(2), terminalIo(own), called));
}
