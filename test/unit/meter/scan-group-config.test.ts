import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkConfig } from '@farola/agent/cli/config-check.js';
import { planMeter } from '@farola/agent/cli/meter-plan.js';
import { loadAgentConfig } from '@farola/agent/config.js';
import { remoteProblems } from '@farola/agent/config/remote-config.js';
import { openMeter } from '@farola/agent/meter/meter.js';
import { encodeEntry, type FarolaError, LIMITS, systemClock, systemTimers } from '@farola/shared';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { temporaryFolder } from '../../fakes/modbus-bench.js';
import { ScriptedTransport } from '../../fakes/modbus-transport.js';

const PROFILE = 'socomec-countis-e34';
const analyser = (id: string, unit: number, groups: string): string =>
  `  - { id: ${id}, line: bus, unit: ${unit}, profile: ${PROFILE}${groups === '' ? '' : `, scanGroups: ${groups}`} }\n`;

/** A configuration of these analysers on one line; its path. */
async function written(t: ExecutionContext, analysers: string): Promise<string> {
  const path = join(await temporaryFolder(t), 'agent.yaml');
  const lines = 'lines:\n  - { id: bus, transport: rtu, path: /dev/not-there }\n';
  await writeFile(path, `${lines}analysers:\n${analysers}stateDir: ${path}-state\n`);
  return path;
}

async function problemsOf(t: ExecutionContext, groups: string): Promise<string[]> {
  const error = await t.throwsAsync<FarolaError>(loadAgentConfig(await written(t, analyser('mains', 1, groups))), {
    code: 'config-invalid',
  });
  return String(error.facts['problems'])
    .split('\n')
    .map((problem) => problem.trim());
}

const AT = 'analysers[0].scanGroups';
for (const [what, groups, expected] of [
  [
    'a name in another style',
    '[{ seconds: 1, quantities: [voltage_l1] }]',
    /^A\[0\]\.quantities\[0\] \(line 4\): .*mean `voltageL1`\?$/,
  ],
  [
    'a begin that is mistyped',
    '[{ seconds: 1, quantities: [voltageL1, "volage*"] }]',
    /^A\[0\]\.quantities\[1\] \(line 4\): .*mean `voltage\*`\?$/,
  ],
  [
    'a quantity that the model lacks',
    '[{ seconds: 1, quantities: [xyz] }]',
    /^A\[0\]\.quantities\[0\] \(line 4\): socomec-countis-e34 has no quantity `xyz`$/,
  ],
  [
    'a group of which earlier ones have all',
    '[{ seconds: 1, quantities: ["v*"] }, { seconds: 5, quantities: [voltageL1] }]',
    /^A\[1\] \(line 4\): /,
  ],
  [
    'a period that does not divide an hour',
    '[{ seconds: 7, quantities: ["v*"] }]',
    /^A\[0\]\.seconds.*: does not divide an hour/,
  ],
  ['a period of 0', '[{ seconds: 0, quantities: ["v*"] }]', /^A\[0\]\.seconds/],
  ['no group', '[]', /^A.*: has fewer than 1 entry/],
  ['a group without quantities', '[{ seconds: 1, quantities: [] }]', /^A\[0\]\.quantities/],
  ['a star in the middle', '[{ seconds: 1, quantities: ["v*L1"] }]', /^A\[0\]\.quantities\[0\].*: is neither the name/],
  ['no list', '{ seconds: 1 }', /^A.*: is not a list/],
  ['eight groups', `[${new Array(8).fill('{ seconds: 1, quantities: ["v*"] }').join(', ')}]`, /^A .*: has more than 7 entries/],
] as const) {
  test(`refuses scan groups with ${what}`, async (t) => {
    const problems = await problemsOf(t, groups);
    t.true(
      problems.some((problem) => expected.test(problem.replace(AT, 'A'))),
      problems.join('\n'),
    );
  });
}

test('a quantity that a group names and an earlier one has is no mistake, as long as something is left', async (t) => {
  const groups = '[{ seconds: 1, quantities: [voltageL1] }, { seconds: 5, quantities: ["voltageL*"] }]';
  const { config } = await loadAgentConfig(await written(t, analyser('mains', 1, groups)));
  t.is(config.analysers[0]?.scanGroups?.length, 2);
});

test('the collector may send scan groups, checked as in the file', (t) => {
  const text = (seconds: number): string =>
    `analysers: [{ id: a, line: b, unit: 1, profile: p, scanGroups: [{ seconds: ${seconds}, quantities: ["v*"] }] }]`;
  t.deepEqual(remoteProblems(text(900)), []);
  t.is(remoteProblems(text(7)).length, 1);
});

test('a table of analysers that no entry of the journal would hold is refused before the agent runs', async (t) => {
  const long = (name: string): string => name.padEnd(60, 'x');
  const one = (quantity: string): string => `{ seconds: 5, quantities: [${quantity}] }`;
  const names = ['voltageL1', 'voltageL2', 'voltageL3', 'currentL1', 'currentL2', 'currentL3', 'frequency'];
  const many = `[${names.map(one).join(', ')}]`;
  const units = [1, 2, 3, 4, 5, 6, 7, 8];
  const big = units.map((unit) => analyser(long(`a${unit}`), unit, many)).join('');
  const error = await t.throwsAsync<FarolaError>(loadAgentConfig(await written(t, big)), { code: 'config-invalid' });
  t.regex(
    String(error.facts['problems']),
    /^ +analysers \(line 4\): their table, .* takes \d+ bytes in the journal, more than the 8192/,
  );
  const fits = units.map((unit) => analyser(`a${unit}`, unit, `[${names.slice(0, 6).map(one).join(', ')}]`)).join('');
  const { config, profiles } = await loadAgentConfig(await written(t, fits));
  const meter = openMeter(config, profiles, {
    clock: systemClock(),
    timers: systemTimers,
    nowMs: () => 0,
    random: () => 0,
    recognisable: async () => [],
    transportOf: () => new ScriptedTransport(),
    clientOf: () => ({ owedCounts: () => new Set(), read: () => Promise.reject(new RangeError('nothing is read')) }),
  });
  t.is(meter.analysers.length, 56);
  const start = {
    kind: 'start' as const,
    at: { monoMs: 2 ** 50, wallMs: 2 ** 50, quality: 'synchronised' as const },
    boot: new Uint8Array(16),
    previous: { epoch: new Uint8Array(8), n: 2 ** 47, head: new Uint8Array(32) },
    codeHash: new Uint8Array(32),
    configHash: new Uint8Array(32),
    agentVersion: 'x'.repeat(128),
    analysers: meter.analysers,
  };
  t.true(encodeEntry(start).length <= LIMITS.entryBytes);
});

const GROUPS = '[{ seconds: 1, quantities: ["voltageL*", currentL1] }, { seconds: 900, quantities: [frequency] }]';

test('config check says what is read how often', async (t) => {
  const path = await written(t, analyser('mains', 1, GROUPS) + analyser('park', 2, ''));
  const lines: string[] = [];
  await checkConfig({ config: path }, (line) => lines.push(line));
  t.is(lines[0], `${path}: good: 2 analysers on 1 line`);
  t.regex(lines[1] ?? '', /^ {2}mains, each 1 s: (voltageL\d\d?, ){6}currentL1$/);
  t.is(lines[2], '  mains, each 900 s: frequency');
  t.regex(lines[3] ?? '', /^ {2}mains, each 60 s: .*activeEnergyImportTotal/);
  t.regex(lines[4] ?? '', /^ {2}park, each 60 s: .*frequency/);
  t.is(lines.length, 5);
});

test('meter plan plans each group by itself, with what lies between its rows', async (t) => {
  const path = await written(t, analyser('mains', 1, GROUPS));
  const lines: string[] = [];
  await planMeter({ config: path, json: true }, (line) => lines.push(line));
  const plans = lines.map(
    (line) => JSON.parse(line) as { sampleSeconds: number; plan: { quantities: string[] }[]; requestCount: number },
  );
  t.deepEqual(
    plans.map(({ sampleSeconds }) => sampleSeconds),
    [1, 900, 60],
  );
  const read = plans.map(({ plan }) => plan.flatMap(({ quantities }) => quantities));
  t.deepEqual(read[1], ['frequency']);
  t.true(read[0]?.includes('currentL1') && !read[0].includes('currentL2'));
  const { config, profiles } = await loadAgentConfig(path);
  const all = profiles.get(PROFILE)?.profile.rows.map(({ quantity }) => quantity);
  t.deepEqual(read.flat().toSorted(), all?.toSorted());
  t.is(config.analysers[0]?.scanGroups?.length, 2);
  const text: string[] = [];
  await planMeter({ config: path, analysers: ['mains'] }, (line) => text.push(line));
  t.deepEqual(
    text.filter((line) => line.startsWith('mains')).map((line) => /, each (\d+) s: /.exec(line)?.[1]),
    ['1', '900', '60'],
  );
});
