import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { farolaAgent, writeAgentConfig } from '../../fakes/agent-process.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const bad: [string, string[], number][] = [
  ['no command', [], 64],
  ['an unknown command', ['fly'], 64],
  ['an unknown subcommand', ['meter', 'write'], 64],
  ['a group without its command', ['config'], 64],
  ['an unknown option', ['run', '--fast'], 64],
  ['an option without its value', ['run', '--config'], 64],
  ['too many arguments', ['enroll', 'a', 'b'], 64],
  ['an empty token', ['enroll', ''], 64],
  ['a wrong token', ['enroll', 'farola1-AAAA'], 64],
  ['a token file that is not there', ['enroll', '--token-file', '/nonexistent/token'], 74],
  ['a token twice', ['enroll', 'farola1-AAAA', '--token-file', '/dev/null'], 64],
  ['a configuration that is not there', ['run', '--config', '/nonexistent/agent.yaml'], 78],
  ['a folder as configuration', ['config', 'check', '--config', '/tmp'], 78],
  ['an analyser that is not there', ['meter', 'read', 'x', '--config', '/nonexistent'], 78],
];

for (const [what, args, exit] of bad) {
  test(`${what}: exit ${exit}, one error, one hint at most, no stack`, async (t) => {
    const { code, out, err } = await farolaAgent(args);
    t.is(code, exit, err);
    t.is(out, '');
    t.regex(err, /^error: [^\n]+\n(hint: [^\n]+\n)?$/);
    t.false(err.includes('error: error:'));
  });
}

test('--help and --version end well', async (t) => {
  for (const args of [['--help'], ['help', 'enroll'], ['meter', 'read', '--help'], ['--version']]) {
    const { code, out, err } = await farolaAgent(args);
    t.deepEqual([code, err], [0, ''], args.join(' '));
    t.not(out, '');
  }
});

test('init makes folders and an example that is valid, and never overwrites', async (t) => {
  const folder = join(temporaryFolder(t), 'new');
  const [config, stateDir] = [join(folder, 'etc', 'agent.yaml'), join(folder, 'state')];
  const args = ['init', '--config', config, '--state-dir', stateDir];
  t.is((await farolaAgent(args)).code, 0);
  t.deepEqual([statSync(stateDir).mode & 0o777, statSync(config).mode & 0o777], [0o700, 0o640]);
  t.true(existsSync(join(folder, 'etc', 'profiles')));
  const checked = await farolaAgent(['config', 'check', '--config', config]);
  t.is(checked.code, 0, checked.err);
  writeFileSync(config, '# mine\n');
  const again = await farolaAgent(args);
  t.is(again.code, 0);
  t.regex(again.out, /kept as it is/);
  t.is(readFileSync(config, 'utf8'), '# mine\n');
});

test('init leaves no half file behind, and what an interrupted one left is in nobody’s way', async (t) => {
  const folder = temporaryFolder(t);
  const config = join(folder, 'agent.yaml');
  writeFileSync(`${config}.new`, 'half');
  t.is((await farolaAgent(['init', '--config', config, '--state-dir', join(folder, 'state')])).code, 0);
  t.regex(readFileSync(config, 'utf8'), /^# Configuration/);
  t.deepEqual(readdirSync(folder).toSorted(), ['agent.yaml', 'profiles', 'state']);
});

test('a configuration that is not valid is told, also when the folder is given', async (t) => {
  const folder = temporaryFolder(t);
  const config = writeAgentConfig(folder, 'surprise: 1');
  const { code, err } = await farolaAgent(['status', '--config', config, '--state-dir', folder]);
  t.is(code, 78);
  t.regex(err, /surprise/);
});

test('a status file that is none is passed over', async (t) => {
  const folder = temporaryFolder(t);
  const config = writeAgentConfig(folder);
  writeFileSync(join(folder, 'run', 'status.json'), JSON.stringify({ pid: process.pid, link: null }));
  const { code, out } = await farolaAgent(['status', '--config', config]);
  t.is(code, 0);
  t.regex(out, /not running/);
});

test('run without an enrolment says what to do', async (t) => {
  const { code, err } = await farolaAgent(['run', '--config', writeAgentConfig(temporaryFolder(t))]);
  t.is(code, 78);
  t.is(err, 'error: this LCU is not enrolled\nhint: run `farola-agent enroll` with the token of the operator\n');
});

test('a broken enrolment file is told with its path', async (t) => {
  const folder = temporaryFolder(t);
  const config = writeAgentConfig(folder);
  mkdirSync(join(folder, 'state'));
  writeFileSync(join(folder, 'state', 'enrolment.json'), '{"version":1');
  for (const command of ['run', 'status']) {
    const { code, err } = await farolaAgent([command, '--config', config]);
    t.is(code, 78);
    t.regex(err, /^error: key file .*enrolment\.json: /);
  }
});

test('status tells what there is when nothing has begun', async (t) => {
  const config = writeAgentConfig(temporaryFolder(t));
  const { code, out } = await farolaAgent(['status', '--config', config]);
  t.is(code, 0);
  t.regex(out, /not enrolled/);
  const json = await farolaAgent(['status', '--json', '--config', config]);
  t.deepEqual(JSON.parse(json.out), { enrolment: null, running: null, journal: null });
});

test('a stack is shown only on demand', async (t) => {
  const { err } = await farolaAgent(['fly'], '', { FAROLA_DEBUG: '1' });
  t.regex(err, /\n {4}at /);
});
