import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { agentProgram } from '@farola/agent/cli/program.js';
import { program } from '@farola/collector/cli/program.js';
import test from 'ava';
import type { Command } from 'commander';
import { checkJson, jsonCommandNames } from '#scripts/docs/json/check-json.js';
import { JSON_COMMANDS } from '#scripts/docs/json/commands.js';
import { type Examples, pretty } from '#scripts/docs/json/json-doc.js';
import { jsonFields } from '#scripts/docs/json/json-fields.js';

const EXAMPLES = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../../../scripts/src/docs/json/examples.json', import.meta.url)), 'utf8'),
) as Examples;

const io = {
  out: () => undefined,
  err: () => undefined,
  readInput: async () => '',
  signal: new AbortController().signal,
  debug: false,
};

/** Every command that does something, by its full name. */
function commands(command: Command, before: readonly string[] = []): [name: string, command: Command][] {
  const name = [...before, command.name()];
  if (command.commands.length === 0) return [[name.join(' '), command]];
  return command.commands.flatMap((one) => commands(one, name));
}

test('every command with --json stands in the table, and the table has no other', (t) => {
  const withJson = [...commands(program()), ...commands(agentProgram(io))].flatMap(([name, { options }]) =>
    options.some(({ long }) => long === '--json') ? [name] : [],
  );
  const told = jsonCommandNames();
  t.is(new Set(told).size, told.length, 'each once');
  t.deepEqual([...new Set(told.map((name) => name.replace(/ --.*/, '')))].toSorted(), withJson.toSorted());
  for (const [, option] of told.map((name) => name.split(' --'))) {
    if (option !== undefined) t.true(told.includes(told.find((name) => name.endsWith(`--${option}`))!.split(' --')[0]!));
  }
});

test('each entry of the table has an example, which is of its shape, and no example is left over', (t) => {
  const firsts = JSON_COMMANDS.map(({ names }) => names[0] ?? '');
  t.deepEqual(Object.keys(EXAMPLES).toSorted(), firsts.toSorted());
  for (const name of firsts) {
    const [program = '', ...args] = name.split(' ');
    const lines = (EXAMPLES[name] ?? []).map((example) => JSON.stringify(example));
    t.true(lines.length > 0, name);
    t.is(checkJson(program, args, lines.join('\n')), name);
    for (const line of lines) t.deepEqual(JSON.parse(pretty(JSON.parse(line))), JSON.parse(line));
  }
});

test('an unknown key, a missing one, and a wrong type are no result of a command', (t) => {
  const good = { lcuId: 'malaga-0042', entriesStored: 1, backlog: null };
  const check = (value: object): string =>
    checkJson('farola-collector', ['poll', 'malaga-0042', '--json'], JSON.stringify(value));
  t.is(check(good), 'farola-collector poll');
  t.throws(() => check({ ...good, more: 1 }), { message: /Unrecognized key: "more"/ });
  t.throws(() => check({ lcuId: 'malaga-0042', entriesStored: 1 }), { message: /backlog: / });
  t.throws(() => check({ ...good, entriesStored: '1' }), { message: /entriesStored: / });
  t.throws(() => checkJson('farola-collector', ['poll'], ''), { message: /one line, not 0/ });
  t.throws(() => checkJson('farola-collector', ['dance'], '{}'), { message: /the table has no farola-collector dance/ });
});

test('each key says what it is', (t) => {
  for (const { names, shapes } of JSON_COMMANDS) {
    for (const { path, type, description } of shapes.flatMap(({ schema }) => jsonFields(schema))) {
      t.true(description !== '' && type !== 'any' && type !== '', `${names.join()}: ${path} ${type}`);
    }
  }
});

/** Keys that are of several types, and what they have in common. */
const SEVERAL: Readonly<Record<string, string>> = {
  code: 'a word that says what happened, of the table of such; as an object, the code of an agent',
  kind: 'of which sort a thing is',
  late: 'whether an LCU is; in the summary how many are',
  mark: 'what is thought of a hash: here all that can be, there what this command can make of it',
  outcome: 'what became of a command: of one that is waited for only `ok`, all else is an error',
  row: 'which line it is',
  state: 'where a thing stands',
};

test('one name is one thing: a key has the same type wherever it stands', (t) => {
  const types = new Map<string, Map<string, string[]>>();
  for (const { names, shapes } of JSON_COMMANDS) {
    for (const { path, type } of shapes.flatMap(({ schema }) => jsonFields(schema))) {
      const key = path.split('.').at(-1)!.replace('[]', '');
      const of = types.get(key) ?? new Map<string, string[]>();
      const plain = type.replace(/ or null$/, '');
      types.set(key, of.set(plain, [...(of.get(plain) ?? []), `${names[0]} ${path}`]));
    }
  }
  const several = [...types].filter(([, of]) => of.size > 1);
  t.deepEqual(
    several.map(([key]) => key).toSorted(),
    Object.keys(SEVERAL).toSorted(),
    several.map(([key, of]) => `${key}: ${[...of].map(([type, where]) => `${type} (${where[0]})`).join(' | ')}`).join('\n'),
  );
});

/** How times and hashes are named. */
const NAMED: readonly (readonly [type: RegExp, name: RegExp])[] = [
  [/^time/, /^(at|since|until|from|to|validUntil|failingSince|notBefore|notAfter|madeUpTo|provenUpTo)$|At$/],
  [/^32 bytes/, /^(root|sha256)$|(Hash|Hashes|Key|Seal)$/],
];
/** Names of before the convention, of numbers that only a file has, and of times that are numbers. */
const REFUSED = /^(id|lcu|hash)$|(Ms|No|Id[a-z]+)$/;
/** What lasts less than seconds do tell. */
const SPANS: ReadonlySet<string> = new Set([
  'spanMs',
  'busyMs',
  'byteMs',
  'answerMs',
  'gapMs',
  'passMs',
  'requestMs',
  'latencyP50Ms',
  'latencyP95Ms',
  'latencyP99Ms',
]);

test('the name of a key tells what it is, and no key has a name that says less', (t) => {
  for (const { names, shapes } of JSON_COMMANDS) {
    for (const { path, type } of shapes.flatMap(({ schema }) => jsonFields(schema))) {
      const key = path.split('.').at(-1)!.replace('[]', '');
      for (const [of, name] of NAMED) if (of.test(type)) t.regex(key, name, `${names[0]} ${path}`);
      t.false(REFUSED.test(key) && !SPANS.has(key) && !key.endsWith('Ids'), `${names[0]} ${path}`);
    }
  }
});
