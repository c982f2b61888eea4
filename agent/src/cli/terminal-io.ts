import { once } from 'node:events';
import { isatty } from 'node:tty';
import type { CliIo } from './cli-io.js';
import { Interrupted } from './interrupted.js';
import type { OwnProcess } from './process-main.js';

/** What a command reads from and prints to, where a person or a script calls it. */
export function terminalIo({ ending, err, debug }: OwnProcess): CliIo {
  return {
    out: (line) => void process.stdout.write(`${line}\n`),
    err,
    readInput: async () => (await import('node:stream/consumers')).text(process.stdin),
    // `process.stdin` is not looked at: node would open it, and load what reads files, for a program that never reads it.
    ask: isatty(0) ? (question) => ask(question, ending) : undefined,
    signal: ending.signal,
    debug,
  };
}

/** Asks at the terminal. Ctrl-C there is read as a key, and ends the command as the signal does; the end of input is an empty answer. */
async function ask(question: string, ending: AbortController): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  terminal.once('SIGINT', () => ending.abort(new Interrupted('SIGINT')));
  const closed = once(terminal, 'close').then(() => '');
  try {
    return await Promise.race([terminal.question(question, { signal: ending.signal }), closed]);
  } catch (error) {
    process.stderr.write('\n');
    ending.signal.throwIfAborted();
    if (error instanceof Error && error.name === 'AbortError') return '';
    throw error;
  } finally {
    terminal.close();
  }
}
