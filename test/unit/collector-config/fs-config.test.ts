import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { FarolaError } from '@farola/shared';
import { checkConfig } from '@farola/collector/cli/config-check.js';
import { parseCollectorConfig } from '@farola/collector/config/fs-config.js';
import { checkJson } from '#scripts/docs/json/check-json.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

function problemsOf(text: string): string[] {
  try {
    parseCollectorConfig(text, '/etc/farola-collector/collector.yaml');
  } catch (error) {
    if (error instanceof FarolaError && error.code === 'config-invalid') return String(error.facts['problems']).split('\n');
    throw error;
  }
  return [];
}

test('every problem of a configuration is told at once, with path, line and value', (t) => {
  const text = [
    'collectorId: Malaga',
    'publicAddress: https://collector',
    'pollSeconds: 0',
    'listen:',
    '  port: 70000',
    'colour: blue',
    'dial: [{ lcu: malaga-0042 }]',
  ].join('\n');
  const problems = problemsOf(text);
  for (const shown of [
    /^ {2}collectorId \(line 1\): .*`Malaga`$/,
    /^ {2}publicAddress \(line 2\): .*`https:\/\/collector`$/,
    /^ {2}pollSeconds \(line 3\): .*`0`$/,
    /^ {2}listen\.port \(line 5\): .*`70000`$/,
    /^ {2}colour \(line 6\): is not a field/,
    /^ {2}dial\[0\]\.host \(line 7\): .*missing$/,
  ]) {
    t.true(
      problems.some((problem) => shown.test(problem)),
      `${String(shown)} in\n${problems.join('\n')}`,
    );
  }
  t.is(problems.length, 6);
});

for (const [title, text] of [
  ['says nothing', ''],
  ['holds a comment alone', '# nothing yet\n'],
  ['is a list', '- collectorId: malaga\n'],
  ['is no YAML', 'listen: {\n'],
  ['unfolds without end', 'a: &a [x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n'],
] as const) {
  test(`a configuration that ${title} is refused with what is wrong`, (t) => {
    t.true(problemsOf(text).length > 0);
  });
}

test('a run folder in which no socket can be made for the length of its path is refused, with the limit', (t) => {
  const withRunDir = (runDir: string): string[] =>
    problemsOf(`collectorId: malaga\npublicAddress: wss://localhost:8443\nrunDir: ${runDir}\n`);
  t.deepEqual(withRunDir(`/${'r'.repeat(93)}`), []);
  t.is(withRunDir(`/${'r'.repeat(94)}`).length, 1);
  t.regex(withRunDir(`/${'ñ'.repeat(50)}`)[0] ?? '', /^ {2}runDir \(line 3\): is too long .* more than 94 bytes/);
});

test('metrics are not offered at what only looks like a loopback address', (t) => {
  const [problem = ''] = problemsOf('collectorId: malaga\npublicAddress: wss://localhost:8443\nmetrics: { host: 127.0.0.300 }\n');
  t.regex(problem, /metrics\.host \(line 3\): is not a loopback address/);
});

test('config check --json lists the problems of a configuration that is not good, and fails all the same', async (t) => {
  const config = join(temporaryFolder(t), 'collector.yaml');
  writeFileSync(config, 'collectorId: A B\npublicAddress: wss://localhost:8443\ncolour: red\n');
  const printed: string[] = [];
  await t.throwsAsync(checkConfig({ config, out: (line) => printed.push(line), json: true }), { code: 'config-invalid' });
  checkJson('farola-collector', ['config', 'check'], printed.join('\n'));
  const { good, problems } = JSON.parse(printed.join('')) as { good: boolean; problems: string[] };
  t.deepEqual([good, problems.length], [false, 2]);
});
