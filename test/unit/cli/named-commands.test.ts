import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { agentProgram } from '@farola/agent/cli/program.js';
import { program } from '@farola/collector/cli/program.js';
import { CONDITIONS } from '@farola/collector/status/conditions.js';
import { type ErrorRow, ERRORS } from '@farola/shared';
import test from 'ava';
import type { Command } from 'commander';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

const agent = agentProgram({
  out: () => undefined,
  err: () => undefined,
  readInput: () => Promise.resolve(''),
  signal: new AbortController().signal,
  debug: false,
});
const PROGRAMS = [program(), agent];

/** What is wrong with a command line; undefined of one that can be typed, and of one that is only mentioned, by its name alone. */
function wrongWith(line: string): string | undefined {
  const [name, ...words] = wordsOf(line);
  const top = PROGRAMS.find((one) => one.name() === name);
  if (!top) return `there is no program ${name ?? ''}`;
  const command = called(top, words);
  if (words.length === 0) return undefined;
  if (command.commands.length > 0) return `${command.name()} has no command ${words[0] ?? ''}`;
  return wrongOptions(command, top, words);
}

/** The command that words begin with, which are taken from them. */
function called(command: Command, words: string[]): Command {
  const next = command.commands.find((one) => one.name() === words[0]);
  if (!next) return command;
  words.shift();
  return called(next, words);
}

function wrongOptions(command: Command, top: Command, words: string[]): string | undefined {
  const given = new Set<string>();
  let operands = 0;
  while (words.length > 0) {
    const word = words.shift() ?? '';
    if (!word.startsWith('-') || word === '-') {
      operands++;
      continue;
    }
    const option = [...command.options, ...top.options].find(({ long, short }) => long === word || short === word);
    if (!option) return `${command.name()} has no option ${word}`;
    given.add(option.long ?? word);
    if (option.required && words.shift() === undefined) return `${word} needs a value`;
  }
  const missing = command.options.find(({ mandatory, long }) => mandatory && !given.has(long ?? ''));
  if (missing) return `${missing.long ?? ''} is needed`;
  const needed = command.registeredArguments.filter(({ required }) => required).length;
  if (operands < needed) return `${command.name()} takes ${needed} operands`;
  const variadic = command.registeredArguments.some((argument) => argument.variadic);
  return !variadic && operands > command.registeredArguments.length ? 'it takes fewer operands' : undefined;
}

/** Words of a shell, of which what stands in quotes is one. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"[^"]*"|\S+/g)].map(([word]) => word);
}

/** Whole command lines in backquotes, as texts name them. */
function linesIn(text: string): string[] {
  return [...text.matchAll(/`((?:sudo |runuser -u farola -- )*farola-(?:agent|collector) [^`\n]+)`/g)].map(([, line = '']) =>
    line.replace(/^(sudo |runuser -u farola -- )*/, ''),
  );
}

const TEXTS: readonly (readonly [where: string, text: string])[] = [
  ...Object.entries<ErrorRow>(ERRORS).map(([code, { message, hint }]) => [code, `${message}\n${hint ?? ''}`] as const),
  ...Object.entries(CONDITIONS).map(([code, { what, todo }]) => [code, `${what}\n${todo}`] as const),
];

test('every command that an error or a condition names can be typed as it stands', (t) => {
  const lines = TEXTS.flatMap(([where, text]) => linesIn(text).map((line) => [where, line] as const));
  t.true(lines.length > 40, String(lines.length));
  const wrong = lines.flatMap(([where, line]) => {
    const why = wrongWith(line.replaceAll(/\{\w+\}/g, 'X'));
    return why === undefined ? [] : [`${where}: \`${line}\`: ${why}`];
  });
  t.deepEqual(wrong, []);
});

test('every command that the collector names in what it prints can be typed as it stands', (t) => {
  const folders = ['collector/src/cli', 'collector/src/main', 'collector/src/status', 'collector/src/config'];
  const files = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && name !== 'name-config.ts')
      .map((name) => join(folder, name)),
  );
  const lines = files.flatMap((file) => linesOfSource(file).map((line) => [file, line] as const));
  t.true(lines.length > 10, String(lines.length));
  const wrong = lines.flatMap(([file, line]) => {
    const why = wrongWith(line.replaceAll(/\$?\{[^}]*\}/g, 'X'));
    return why === undefined ? [] : [`${file}: \`${line}\`: ${why}`];
  });
  t.deepEqual(wrong, []);
});

/** Those of its texts, not of its comments. */
function linesOfSource(file: string): string[] {
  const source = readFileSync(join(ROOT, file), 'utf8').replaceAll(/^\s*(\/?\*|\/\/).*$/gm, '');
  return linesIn(source.replaceAll('\\`', '`'));
}

test('what cannot be typed is found', (t) => {
  t.is(wrongWith('farola-collector lcu shwo X'), 'lcu has no command shwo');
  t.is(wrongWith('farola-collector lcu show X --loud'), 'show has no option --loud');
  t.is(wrongWith('farola-collector lcu revoke X'), '--reason is needed');
  t.is(wrongWith('farola-collector lcu revoke --reason TEXT'), 'revoke takes 1 operands');
  t.is(wrongWith('farola-collector poll X Y'), 'it takes fewer operands');
  t.is(wrongWith('farola-collector lcu approve X --words "SIX WORDS"'), undefined);
});
