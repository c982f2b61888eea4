import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FarolaError } from '@farola/shared';
import { agentConfigSchema, loadAgentConfig, parseAgentConfig } from '@farola/agent/config.js';
import { checkConfig } from '@farola/agent/cli/config-check.js';
import { checkJson } from '#scripts/docs/json/check-json.js';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { z } from 'zod';

const PROFILES = new Set(['eastron-sdm630']);
const LINE = '  - { id: main, transport: rtu, path: /dev/ttyUSB0 }\n';
const GATEWAY = '  - { id: gate, transport: rtu-over-tcp, host: 10.0.0.7, port: 4001 }\n';
const ONE = '  - { id: one, line: main, unit: 1, profile: eastron-sdm630 }\n';
const TWO = '  - { id: two, line: main, unit: 2, profile: eastron-sdm630 }\n';
const config = (lines: string, analysers: string, rest = '') => `lines:\n${lines}analysers:\n${analysers}${rest}`;
const GOOD = config(LINE, ONE);

function problemsOf(t: ExecutionContext, text: string): string[] {
  const error = t.throws(() => parseAgentConfig(text, 'agent.yaml', PROFILES), { instanceOf: FarolaError });
  t.is(error.code, 'config-invalid');
  const problems = String(error.facts['problems']).split('\n');
  t.is(error.facts['count'], problems.length);
  return problems.map((problem) => problem.trim());
}

async function folder(t: ExecutionContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'farola-config-'));
  t.teardown(() => rm(path, { recursive: true }));
  return path;
}

test('fills in the defaults', (t) => {
  const { lines, analysers, ...rest } = parseAgentConfig(GOOD, 'agent.yaml', PROFILES);
  t.like(lines[0], { baud: 9_600, parity: 'none', dataBits: 8, stopBits: 1, timeoutMs: 1_000 });
  const supply = { volts: 230, hertz: 50, phases: 3 };
  t.deepEqual(analysers as unknown, [{ id: 'one', line: 'main', unit: 1, profile: 'eastron-sdm630', supply }]);
  t.deepEqual(rest, {
    sampleSeconds: 60,
    stateDir: '/var/lib/farola',
    runDir: '/run/farola',
    profilesDir: '/etc/farola/profiles',
    journal: { maxMb: 512 },
    link: { reconnectMinMs: 1_000, reconnectMaxMs: 60_000, idlePingSeconds: 600 },
    code: { checkSeconds: 30 },
    remote: { accept: true, trialSeconds: 300 },
    log: { level: 'info' },
  });
});

const NINE = Array.from({ length: 9 }, (_, i) => ONE.replace('one', `a${i}`).replace('unit: 1', `unit: ${i + 1}`)).join('');
const BAD: Record<string, [string, string]> = {
  'an empty file': ['', 'the document'],
  'a list': ['- 1', 'the document'],
  'no lines': [`lines: []\nanalysers:\n${ONE}`, 'lines'],
  'no analysers': [`lines:\n${LINE}`, 'analysers'],
  'nine analysers': [config(LINE, NINE), 'analysers'],
  'an unknown field': [`${GOOD}colour: red\n`, 'colour'],
  'an unknown field of a line': [config(LINE.replace(' }', ', host: x }'), ONE), 'lines[0].host'],
  'an unknown field of the journal': [`${GOOD}journal: { maxGb: 1 }\n`, 'journal.maxGb'],
  'a second line to the Modbus TCP port of a host': [
    config(
      `${LINE}  - { id: a, transport: modbus-tcp, host: x }\n  - { id: b, transport: modbus-tcp, host: x, port: 502 }\n`,
      ONE,
    ),
    'lines[2]',
  ],
  'an unknown transport': [config(LINE.replace('rtu', 'tcp'), ONE), 'lines[0].transport'],
  'a relative path': [config(LINE.replace('/dev/', ''), ONE), 'lines[0].path'],
  'a port of 0': [config(LINE + GATEWAY.replace('4001', '0'), ONE), 'lines[1].port'],
  'a baud rate in words': [config(LINE.replace(' }', ', baud: fast }'), ONE), 'lines[0].baud'],
  'three stop bits': [config(LINE.replace(' }', ', stopBits: 3 }'), ONE), 'lines[0].stopBits'],
  'mark parity': [config(LINE.replace(' }', ', parity: mark }'), ONE), 'lines[0].parity'],
  'a timeout of 1 ms': [config(LINE.replace(' }', ', timeoutMs: 1 }'), ONE), 'lines[0].timeoutMs'],
  'unit 0': [config(LINE, ONE.replace('unit: 1', 'unit: 0')), 'analysers[0].unit'],
  'unit 248': [config(LINE, ONE.replace('unit: 1', 'unit: 248')), 'analysers[0].unit'],
  'a unit of 1.5': [config(LINE, ONE.replace('unit: 1', 'unit: 1.5')), 'analysers[0].unit'],
  'an id with capitals': [config(LINE, ONE.replace('one', 'One')), 'analysers[0].id'],
  'a ratio without secondary': [
    config(LINE, ONE.replace(' }', ', ctRatio: { primary: 100 } }')),
    'analysers[0].ctRatio.secondary',
  ],
  'a period that does not divide an hour': [`${GOOD}sampleSeconds: 7\n`, 'sampleSeconds'],
  'a log level of its own': [`${GOOD}log: { level: loud }\n`, 'log.level'],
  'two lines of one id': [config(LINE + GATEWAY.replace('gate', 'main'), ONE), 'lines[1].id'],
  'two lines on one port': [config(LINE + LINE.replace('main', 'again'), ONE), 'lines[1]'],
  'two lines on one gateway': [config(LINE + GATEWAY + GATEWAY.replace('gate', 'again'), ONE), 'lines[2]'],
  'two analysers of one id': [config(LINE, ONE + TWO.replace('two', 'one')), 'analysers[1].id'],
  'two analysers of one unit on one line': [config(LINE, ONE + TWO.replace('unit: 2', 'unit: 1')), 'analysers[1].unit'],
  'an unknown line': [config(LINE, ONE.replace('main', 'maim')), 'analysers[0].line'],
  'an unknown profile': [config(LINE, ONE.replace('sdm630', 'sdm631')), 'analysers[0].profile'],
  'waits in the wrong order': [`${GOOD}link: { reconnectMinMs: 5000, reconnectMaxMs: 2000 }\n`, 'link.reconnectMaxMs'],
  'a key that stands twice': [`${GOOD}log: {}\nlog: {}\n`, 'line 6'],
  'a tab for a blank': ['lines:\n\t- 1\n', 'line 2'],
};

for (const [what, [text, path]] of Object.entries(BAD)) {
  test(`refuses ${what}, naming ${path}`, (t) => {
    const problems = problemsOf(t, text);
    t.true(
      problems.some((problem) => problem.startsWith(`${path}:`) || problem.startsWith(`${path} (line `)),
      problems.join('\n'),
    );
  });
}

test('a problem is one line, whatever line ends stand in the configuration', (t) => {
  t.deepEqual(problemsOf(t, config(LINE, ONE, 'sampleSeconds: "a\\nb\\rc"\n"x\\ny": 1\nlog: { level: "d\\ne" }\n')).length, 3);
});

test('tells all problems at once, of fields and between fields', (t) => {
  const problems = problemsOf(t, config(LINE + LINE, ONE.replace('main', 'x') + ONE.replace('unit: 1', 'unit: 999'), 'a: 1\n'));
  for (const path of ['a', 'lines[1].id', 'lines[1]', 'analysers[0].line', 'analysers[1].id', 'analysers[1].unit']) {
    t.true(
      problems.some((problem) => problem.startsWith(path)),
      `${path} in\n${problems.join('\n')}`,
    );
  }
});

test('a problem between fields has the line of its field, as one of a field has', (t) => {
  const text = config(LINE + GATEWAY.replace('gate', 'main'), ONE.replace('main', 'x') + TWO.replace('eastron-sdm630', 'nobody'));
  const at = (field: string): number => text.split('\n').findIndex((line) => line.includes(field)) + 1;
  const gate = at('rtu-over-tcp');
  for (const start of [
    `lines[1].id (line ${gate}): `,
    `analysers[0].line (line ${at('id: one')}): `,
    `analysers[1].profile (line ${at('id: two')}): `,
  ]) {
    const problems = problemsOf(t, text);
    t.true(
      problems.some((problem) => problem.startsWith(start)),
      `${start} in\n${problems.join('\n')}`,
    );
  }
});

test('allows one unit number on two lines', (t) => {
  const text = config(LINE + GATEWAY, ONE + TWO.replace('main', 'gate').replace('unit: 2', 'unit: 1'));
  t.is(parseAgentConfig(text, 'agent.yaml', PROFILES).analysers.length, 2);
});

test('shows the value that was refused and what is allowed', (t) => {
  const [problem] = problemsOf(t, config(LINE, ONE.replace('unit: 1', 'unit: 248')));
  t.regex(problem ?? '', /248/);
  t.regex(problem ?? '', /247/);
});

test('loads a file with the hash of its bytes and the profiles that it names', async (t) => {
  const dir = await folder(t);
  const path = join(dir, 'agent.yaml');
  const own = 'id: own\nvendor: V\nmodels: [M]\nfunctionCode: 4\ntrust: code\nsources: [{ id: x, document: x }]\n';
  await writeFile(join(dir, 'own.yaml'), `${own}rows: [{ quantity: voltageL1, addr: 0, type: u16, scale: 1 }]\n`);
  await writeFile(path, config(LINE, ONE.replace('eastron-sdm630', 'own'), `profilesDir: ${dir}\n`));
  // agent.yaml in the folder of profiles is no profile; nobody names it.
  t.deepEqual([...(await loadAgentConfig(path)).profiles.keys()], ['own']);
  await writeFile(path, config(LINE, ONE.replace('eastron-sdm630', 'agent'), `profilesDir: ${dir}\n`));
  await t.throwsAsync(loadAgentConfig(path), { code: 'config-invalid' });
  const elsewhere = join(await folder(t), 'agent.yaml');
  await writeFile(elsewhere, config(LINE, ONE.replace('eastron-sdm630', 'own'), `profilesDir: ${dir}\n`));
  const { config: loaded, configHash, profiles } = await loadAgentConfig(elsewhere);
  t.is(loaded.analysers[0]?.profile, 'own');
  t.deepEqual(
    [...profiles.values()].map(({ origin }) => origin),
    ['own'],
  );
  t.deepEqual(
    Buffer.from(configHash),
    createHash('sha256')
      .update(await readFile(elsewhere))
      .digest(),
  );
});

test('loads the shipped profile that is named, and no other, where no folder of own ones is told', async (t) => {
  const path = join(await folder(t), 'agent.yaml');
  await writeFile(path, GOOD);
  t.deepEqual([...(await loadAgentConfig(path)).profiles.keys()], ['eastron-sdm630']);
});

test('tells that a file is not there', async (t) => {
  const path = join(await folder(t), 'agent.yaml');
  const error = await t.throwsAsync<FarolaError>(loadAgentConfig(path), { code: 'config-unreadable' });
  t.is(error.facts['path'], path);
  t.truthy(error.hint);
});

test('tells that a folder is no file', async (t) => {
  await t.throwsAsync(loadAgentConfig(await folder(t)), { code: 'config-unreadable' });
});

test('says in one line that a configuration is good', async (t) => {
  const path = join(await folder(t), 'agent.yaml');
  await writeFile(path, GOOD);
  const lines: string[] = [];
  await checkConfig({ config: path }, (line) => lines.push(line));
  t.deepEqual(lines, [`${path}: good: 1 analyser on 1 line, one sample each 60 s`]);
});

test('describes every field', (t) => {
  const undescribed: string[] = [];
  const walk = (schema: unknown, path: string): void => {
    if (typeof schema !== 'object' || schema === null) return;
    if ('properties' in schema) {
      for (const [name, field] of Object.entries(schema.properties as Record<string, object>)) {
        if (!('description' in field)) undescribed.push(`${path}.${name}`);
        walk(field, `${path}.${name}`);
      }
    }
    if ('items' in schema) walk(schema.items, `${path}[]`);
    for (const union of ['anyOf', 'oneOf']) {
      for (const one of Object.values((schema as Record<string, object>)[union] ?? {})) walk(one, path);
    }
  };
  walk(z.toJSONSchema(agentConfigSchema, { io: 'input' }), '');
  t.deepEqual(undescribed, []);
});

test('a line whose transport is none is told with whatever else is wrong with it', (t) => {
  const problemsWith = (line: string): string[] => problemsOf(t, config(`  - { id: main, ${line} }\n`, ONE));
  const transport = /^lines\[0\]\.transport \(line 2\): is none of/;
  const [first = '', ...serial] = problemsWith('transport: canbus, path: ttyUSB0, baud: 9, host: x');
  t.regex(first, transport);
  t.deepEqual(
    serial.map((problem) => problem.replace(/ .*/, '')),
    ['lines[0].path', 'lines[0].baud', 'lines[0].host'],
  );
  const [, ...tcp] = problemsWith('transport: canbus, host: x, port: 99999, timeoutMs: soon');
  t.deepEqual(
    tcp.map((problem) => problem.replace(/ .*/, '')),
    ['lines[0].port', 'lines[0].timeoutMs'],
  );
  t.is(problemsWith('transport: canbus, host: 10.0.0.7').length, 1, 'a port that is not told may have a default');
  t.is(problemsWith('transport: canbus').length, 1);
  t.is(problemsWith('timeoutMs: soon').length, 2, 'also where there is none');
});

test('config check --json lists the problems of a configuration that is not good, and fails all the same', async (t) => {
  const path = join(await folder(t), 'agent.yaml');
  await writeFile(path, `${GOOD}colour: red\nsampleSeconds: 7\nprofilesDir: ${await folder(t)}\n`);
  const printed: string[] = [];
  const failed = checkConfig({ config: path, json: true }, (line) => printed.push(line));
  await t.throwsAsync(failed, { code: 'config-invalid' });
  checkJson('farola-agent', ['config', 'check'], printed.join('\n'));
  const { good, problems } = JSON.parse(printed.join('')) as { good: boolean; problems: string[] };
  t.false(good);
  t.is(problems.length, 2);
  t.true(problems.some((problem) => problem.startsWith('colour (line 5): ')));
  const words: string[] = [];
  await t.throwsAsync(
    checkConfig({ config: path }, (line) => words.push(line)),
    { code: 'config-invalid' },
  );
  t.deepEqual(words, []);
});
