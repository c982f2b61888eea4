import { FarolaError, readYaml } from '@farola/shared';
import { parseAgentConfig } from '@farola/agent/config.js';
import { COLLECTOR_CONFIG } from '@farola/collector/config.js';
import test from 'ava';
import { z } from 'zod';

const schema = z.strictObject({
  name: z.string().max(5).optional(),
  port: z.int().min(1).max(65_535).optional(),
  share: z.number().positive().optional(),
  on: z.boolean().optional(),
  bits: z.union([z.literal(7), z.literal(8)]).optional(),
  parity: z.enum(['none', 'even', 'odd']).optional(),
  kind: z.literal('rtu').optional(),
  address: z.union([z.ipv4(), z.ipv6()], 'is not an IP address').optional(),
  list: z.array(z.string()).min(1).max(2).optional(),
  group: z.strictObject({ must: z.string() }).optional(),
  day: z.string().regex(/^\d+$/, 'is not a day').optional(),
});

function problemOf(text: string): string {
  const outcome = readYaml(text, schema);
  return outcome.ok ? 'good' : outcome.problems.join('\n');
}

for (const [text, expected] of [
  ['', 'the document: is empty: it must be a group of fields (`name: value`)'],
  ['hello', 'the document: is not a group of fields (`name: value`); it is `hello`'],
  ['- 1', 'the document: is not a group of fields (`name: value`); it is a list'],
  ['name: 7', 'name (line 1): is not a text; it is `7`'],
  ['name: abcdef', 'name (line 1): has more than 5 characters; it is `abcdef`'],
  ['name: ', 'name (line 1): is empty: it must be a text'],
  ['port: 0', 'port (line 1): is less than 1; it is `0`'],
  ['port: 70000', 'port (line 1): is more than 65535; it is `70000`'],
  ['port: 1.5', 'port (line 1): is not a whole number; it is `1.5`'],
  ['port: x', 'port (line 1): is not a number; it is `x`'],
  ['port: { a: 1 }', 'port (line 1): is not a number; it is a group of fields'],
  ['share: 0', 'share (line 1): is not more than 0; it is `0`'],
  ['on: yes', 'on (line 1): is neither true nor false; it is `yes`'],
  ['bits: 9', 'bits (line 1): is none of `7` and `8`; it is `9`'],
  ['parity: mark', 'parity (line 1): is none of `none`, `even` and `odd`; it is `mark`'],
  ['kind: tcp', 'kind (line 1): is not `rtu`; it is `tcp`'],
  ['address: here', 'address (line 1): is not an IP address; it is `here`'],
  ['list: []', 'list (line 1): has fewer than 1 entry; the list is empty'],
  ['list: [a, b, c]', 'list (line 1): has more than 2 entries; it is a list'],
  ['group: {}', 'group.must (line 1): is missing'],
  ['group: 3', 'group (line 1): is not a group of fields (`name: value`); it is `3`'],
  ['day: monday', 'day (line 1): is not a day; it is `monday`'],
  ['colour: red', 'colour (line 1): is not a field that is known here'],
] as const) {
  test(`\`${text}\` is told as: ${expected}`, (t) => {
    t.is(problemOf(text), expected);
  });
}

test('a long value is cut, and what does not print is escaped', (t) => {
  t.is(problemOf(`port: ${'x'.repeat(3_000)}`), `port (line 1): is not a number; it is \`${'x'.repeat(60)}...\``);
  t.is(problemOf('port: "\\e[2J\\u202e"'), 'port (line 1): is not a number; it is `\\u001b[2J\\u202e`');
  t.regex(problemOf(`${'k'.repeat(900)}: 1`), /^k{60}\.\.\. \(line 1\): is not a field that is known here$/);
});

test('bytes that are no text are refused in a few short lines', (t) => {
  const bytes = Uint8Array.from({ length: 3_000 }, (_, index) => (index * 7919) % 256);
  for (const text of [
    new TextDecoder().decode(bytes),
    `[${'{'.repeat(2_000)}`,
    `- &${'x'.repeat(3_000)}\n- *${'y'.repeat(3_000)}`,
  ]) {
    const outcome = readYaml(text, schema);
    t.false(outcome.ok);
    const problems = outcome.ok ? [] : outcome.problems;
    t.true(problems.length > 0 && problems.length <= 5);
    t.true(problems.join('').length < 1_000, problems.join('\n'));
    t.notRegex(problems.join(''), /[\u0000-\u001f\u007f-\u009f]/);
  }
});

test('neither program tells a problem in the words of zod', (t) => {
  const broken =
    'lines: 7\nanalysers: [{ id: 1, unit: 300 }, x]\nlink: { listen: { port: -1, address: 3 } }\nlog: { level: loud }\n';
  const agent = t.throws(() => parseAgentConfig(broken, 'agent.yaml', new Set()), { instanceOf: FarolaError }).message;
  const outcome = readYaml('listen: { port: x }\npollSeconds: 0\ndial: [1]\nlog: { level: 3 }\n', COLLECTOR_CONFIG);
  const collector = outcome.ok ? '' : outcome.problems.join('\n');
  t.regex(agent, /link\.listen\.address \(line 3\): is not an IP address; it is `3`/);
  t.regex(collector, /collectorId: is missing/);
  t.notRegex(`${agent}\n${collector}`, /Invalid|expected|received|Too (big|small)|undefined|null/);
});

test('a name of any length is told short where fields contradict each other', (t) => {
  const long = 'z'.repeat(3_000);
  const text = `lines: [{ id: a, transport: rtu, path: /x }]\nanalysers: [{ id: m, line: ${long}, unit: 1, profile: ${long} }]\n`;
  const { message } = t.throws(() => parseAgentConfig(text, 'agent.yaml', new Set(['p'])), { instanceOf: FarolaError });
  t.true(message.length < 1_000, message);
});
