import type { z } from 'zod';
import { JSON_COMMANDS, type JsonCommands } from './commands.js';

/** Options that make another result of a command. */
const TELLING = ['--abort', '--interval', '--register', '--switch'];

/** Names of the commands of the table, with the options that change what is printed. */
export function jsonCommandNames(): string[] {
  return JSON_COMMANDS.flatMap(({ names }) => [...names]);
}

/**
 * The row of the table for a command line.
 * @param program as it is typed
 * @param args behind it
 * @throws RangeError when the table has none
 */
export function jsonCommandOf(program: string, args: readonly string[]): { readonly name: string; readonly row: JsonCommands } {
  const words = args.filter((word) => /^[a-z][a-z-]*$/.test(word)).slice(0, 3);
  const telling = args.find((arg) => TELLING.includes(arg));
  for (let length = words.length; length > 0; length--) {
    const plain = [program, ...words.slice(0, length)].join(' ');
    for (const name of [`${plain} ${telling ?? ''}`, plain]) {
      const row = JSON_COMMANDS.find(({ names }) => names.includes(name));
      if (row) return { name, row };
    }
  }
  throw new RangeError(`the table has no ${program} ${args.join(' ')}`);
}

/**
 * Holds what a command printed against the table: each line one object of its shape, no key more and none less.
 * @throws RangeError for anything else, with what was printed
 */
export function checkJson(program: string, args: readonly string[], printed: string): string {
  const { name, row } = jsonCommandOf(program, args);
  const lines = printed.split('\n').filter((line) => line !== '');
  if (row.lines === 'one' && lines.length !== 1) throw new RangeError(`${name} prints one line, not ${lines.length}: ${printed}`);
  for (const line of lines) checkLine(name, row, line);
  return name;
}

function checkLine(name: string, { shapes }: JsonCommands, line: string): void {
  const value: unknown = JSON.parse(line);
  const tried = shapes.map(({ schema }) => schema.safeParse(value));
  if (tried.some(({ success }) => success)) return;
  const issues = tried.flatMap(({ error }) => error?.issues ?? []).map(issueText);
  throw new RangeError(`${name} printed what docs/json.md does not have: ${issues.join('; ')}: ${line}`);
}

function issueText({ path, message }: z.core.$ZodIssue): string {
  return `${path.join('.')}: ${message}`;
}
