import { createInterface } from 'node:readline/promises';
import { FarolaError } from '@farola/shared';
import type { CommandOptions } from './command-options.js';

/** How a command that cannot be taken back is confirmed. */
export interface Confirmation extends Pick<CommandOptions, 'ask'> {
  /** The name of what it is done to, which a person types. */
  readonly name: string;
  /** What happens, as a sentence. */
  readonly what: string;
  /** What `--yes` stands for: `revoke it`. */
  readonly todo: string;
  /** Whether `--yes` was given: then nobody is asked. */
  readonly yes: boolean | undefined;
}

/** Has a person type the name before something is done for good. Error: `usage` when it is not confirmed. */
export async function confirm({ name, what, todo, yes, ask }: Confirmation): Promise<void> {
  if (yes) return;
  if (!ask) throw new FarolaError('usage', { reason: `nothing was changed: ${what}; say --yes to ${todo}` });
  const typed = await ask(`${what}.\nType ${name} to ${todo}: `);
  if (typed.trim() !== name) throw new FarolaError('usage', { reason: `nothing was changed: that was not ${name}` });
}

/** Asks on the terminal; the question goes to standard error. Ctrl-C and Ctrl-D are an empty answer. */
export async function askOnTerminal(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const given = new AbortController();
  for (const end of ['SIGINT', 'close'] as const) terminal.once(end, () => given.abort());
  try {
    return await terminal.question(question, { signal: given.signal });
  } catch (error) {
    if (!given.signal.aborted) throw error;
    process.stderr.write('\n');
    return '';
  } finally {
    terminal.close();
  }
}
