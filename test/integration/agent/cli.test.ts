import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import test from 'ava';
import type { Problem } from '@farola/shared';
import { checkJson } from '#scripts/docs/json/check-json.js';
import { AGENT_CLI, farolaAgent, writeAgentConfig } from '../../fakes/agent-process.js';
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
  ['a token file that is not there', ['enroll', '--token-file', '/nonexistent/token'], 66],
  ['a token twice', ['enroll', 'farola1-AAAA', '--token-file', '/dev/null'], 64],
  ['a configuration that is not there', ['run', '--config', '/nonexistent/agent.yaml'], 66],
  ['a folder as configuration', ['config', 'check', '--config', '/tmp'], 66],
  ['an analyser that is not there', ['meter', 'read', 'x', '--config', '/nonexistent'], 66],
  ['a tree that is not there', ['hash', '/nonexistent/tree'], 66],
  ['a profile that is not there', ['profile', 'check', '/nonexistent/own.yaml'], 66],
  ['a bundle in a folder that is not there', ['support-bundle', '/nonexistent/bundle.tar'], 64],
  ['a folder as a bundle', ['support-bundle', '/tmp'], 64],
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

test('a token that is empty, wherever it comes from, is told as that', async (t) => {
  const file = join(temporaryFolder(t), 'token');
  writeFileSync(file, '\n');
  for (const args of [['enroll', ''], ['enroll', '-'], ['enroll'], ['enroll', '--token-file', file]]) {
    const { code, err } = await farolaAgent(args);
    t.is(code, 64);
    t.regex(err, /^error: this is not an enrolment token: nothing was given\nhint: copy the whole line /);
  }
});

test('what is wrong with a file that was named is said once, with what to do', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'none');
  const missing = await farolaAgent(['enroll', '--token-file', path]);
  t.is(missing.err, `error: ${path} cannot be read: there is no such file\nhint: check the path\n`);
  const isFolder = await farolaAgent(['enroll', '--token-file', folder]);
  t.is(isFolder.err, `error: ${folder} cannot be read: it is a folder\nhint: check the path\n`);
  const config = await farolaAgent(['config', 'check', '--config', path]);
  t.regex(config.err, /^error: \S+ cannot be read: there is no such file\nhint: .*`farola-agent init --config \S+\/none`/);
});

test('a state folder that the kernel lets nobody make is refused, and not tried for ever', async (t) => {
  const config = join(temporaryFolder(t), 'agent.yaml');
  const { code, err } = await farolaAgent(['init', '--config', config, '--state-dir', '/proc/farola/state']);
  t.is(code, process.getuid?.() === 0 ? 64 : 77, err);
  t.regex(err, /^error: [^\n]*\/proc\/farola\/state/);
});

test('--help and --version end well', async (t) => {
  for (const args of [['--help'], ['help', 'enroll'], ['meter', 'read', '--help'], ['--version']]) {
    const { code, out, err } = await farolaAgent(args);
    t.deepEqual([code, err], [0, ''], args.join(' '));
    t.not(out, '');
  }
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
  for (const text of ['{"pid":', '{}', JSON.stringify({ pid: 'x', link: null })]) {
    writeFileSync(join(folder, 'run', 'status.json'), text);
    const { code, out } = await farolaAgent(['status', '--config', config]);
    t.is(code, 0);
    t.regex(out, /not running/);
  }
});

test('an agent of another version that runs is told as that, not as one that does not run', async (t) => {
  const folder = temporaryFolder(t);
  const config = writeAgentConfig(folder);
  const file = join(folder, 'run', 'status.json');
  const startedMs = Date.UTC(2026, 10, 1);
  writeFileSync(file, JSON.stringify({ pid: process.pid, startedMs, link: { state: 'connected' } }));
  const { code, out } = await farolaAgent(['status', '--config', config]);
  t.is(code, 0);
  t.regex(
    out,
    new RegExp(`^agent: +running since 2026-11-01T\\S+, process ${process.pid}, of another version: this command, of `, 'm'),
  );
  t.regex(out, /^what to do: +restart it: /m);
  writeFileSync(file, JSON.stringify({ pid: process.pid, startedMs, version: '9.1.0', link: 'a word' }));
  t.regex((await farolaAgent(['status', '--config', config])).out, /process \d+, of 9\.1\.0: this command, of /);
  const json = JSON.parse((await farolaAgent(['status', '--json', '--config', config])).out) as object;
  t.like(json, { run: null, otherVersion: { pid: process.pid, startedAt: '2026-11-01T00:00:00.000Z', version: '9.1.0' } });
  writeFileSync(file, JSON.stringify({ pid: 2 ** 30, startedMs, version: '9.1.0' }));
  t.regex((await farolaAgent(['status', '--config', config])).out, /not running/);
});

test('a configuration of the collector that is on trial is told', async (t) => {
  const folder = temporaryFolder(t);
  const config = writeAgentConfig(folder);
  mkdirSync(join(folder, 'state'));
  const trial = { sequence: 7, text: 'sampleSeconds: 5', by: 'ana', reason: 'a new meter', atMs: Date.UTC(2026, 10, 1) };
  const pushed = { accepted: 7, kept: null, trial: { ...trial, starts: 1, answered: [] }, untold: [] };
  writeFileSync(join(folder, 'state', 'collector-config.json'), JSON.stringify(pushed));
  const { out } = await farolaAgent(['status', '--config', config]);
  t.regex(
    out,
    /^configuration: +number 7 of the collector, waits for the start of the agent that tries it; sent by ana at 2026-11-01T00:00:00\S*: a new meter$/m,
  );
  const json = await farolaAgent(['status', '--json', '--config', config]);
  checkJson('farola-agent', ['status'], json.out);
  t.like(JSON.parse(json.out) as object, {
    configTrial: { sequence: 7, receivedAt: '2026-11-01T00:00:00.000Z', by: 'ana', reason: 'a new meter', starts: 1 },
  });
});

test('run without an enrolment says what to do', async (t) => {
  const { code, err } = await farolaAgent(['run', '--config', writeAgentConfig(temporaryFolder(t))]);
  t.is(code, 78);
  t.regex(
    err,
    /^error: this LCU is not enrolled\nhint: run `farola-agent enroll --config \S+` with the token of the operator\n$/,
  );
});

test('status tells what there is when nothing has begun', async (t) => {
  const config = writeAgentConfig(temporaryFolder(t));
  const { code, out } = await farolaAgent(['status', '--config', config]);
  t.is(code, 0);
  t.regex(out, /not enrolled/);
  const json = await farolaAgent(['status', '--json', '--config', config]);
  const storage = { freeBytes: null, readOnly: null, lifePercent: null, fileSystemErrors: null };
  const [stateDir, runDir] = ['state', 'run'].map((name) => join(dirname(config), name));
  t.deepEqual(JSON.parse(json.out), {
    configPath: config,
    configProblem: null,
    stateDir,
    runDir,
    unread: [],
    enrolment: null,
    agentState: 'not-running',
    run: null,
    starting: null,
    otherVersion: null,
    configTrial: null,
    journal: null,
    storage,
  });
});

test('status says first that there is no configuration, then all the same what is known, and how to name one', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'none.yaml');
  const args = ['status', '--config', path, '--state-dir', folder];
  const { code, out, err } = await farolaAgent(args);
  t.is(code, 66);
  t.regex(out, /^configuration: +\S+\/none\.yaml CANNOT BE READ; what follows is of \S+ and \/run\/farola, [^\n]+\nidentity: /);
  t.regex(err, /^error: \S+\/none\.yaml cannot be read: there is no such file\nhint: check the path, or write it: /);
  const json = JSON.parse((await farolaAgent([...args, '--json'])).out) as { configPath: string; configProblem: Problem };
  t.is(json.configPath, path);
  t.like(json.configProblem, { code: 'config-unreadable', message: `${path} cannot be read: there is no such file` });
});

test('a stack is shown only on demand', async (t) => {
  const { err } = await farolaAgent(['fly'], '', { FAROLA_DEBUG: '1' });
  t.regex(err, /\n {4}at /);
});

test('the collector and the bench answer as the agent does when no command is named', (t) => {
  for (const main of ['/agent/', '/collector/'].map((product) => AGENT_CLI.replace('/agent/', product))) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main]);
    t.deepEqual([status, stdout.toString(), stderr.toString()], [64, '', 'error: which command?\nhint: see --help\n']);
  }
  const bench = AGENT_CLI.replace('/agent/dist/cli/main-cli.js', '/scripts/dist/bench/main.js');
  const { status, stderr } = spawnSync(process.execPath, [bench]);
  t.deepEqual([status, stderr.toString()], [64, 'error: which bench?\nhint: see --help\n']);
});

test('what is wrong between fields has its line as well, behind what is wrong with one by itself', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'agent.yaml');
  writeFileSync(
    path,
    `lines:
  - { id: a, transport: rtu, path: /dev/ttyS0 }
  - { id: a, transport: rtu, path: /dev/ttyS0 }
analysers:
  - id: one
    line: b
    unit: 1
    profile: circutor-cvm-c11
  - id: two
    line: a
    unit: 1
    profile: circutor-cvm-c10
    scanGroups: [{ seconds: 1, quantities: [voltageL9] }]
link: { reconnectMinMs: 2000, reconnectMaxMs: 1000 }
colour: red
profilesDir: ${folder}
`,
  );
  const { code, out } = await farolaAgent(['config', 'check', '--json', '--config', path]);
  t.is(code, 78);
  const { problems } = JSON.parse(out) as { problems: string[] };
  t.deepEqual(
    problems.map((problem) => problem.slice(0, problem.indexOf(':'))),
    [
      'colour (line 15)',
      'lines[1].id (line 3)',
      'lines[1] (line 3)',
      'analysers[0].line (line 6)',
      'analysers[0].profile (line 8)',
      'analysers[1].scanGroups[0].quantities[0] (line 13)',
      'link.reconnectMaxMs (line 14)',
    ],
  );
});

test('paths in JSON are absolute, also of a configuration that was named from here', async (t) => {
  const folder = temporaryFolder(t);
  const path = writeAgentConfig(folder);
  const named = relative(process.cwd(), path);
  t.false(named.startsWith('/'));
  const state = join(folder, 'state');
  for (const args of [
    ['config', 'check'],
    ['config', 'show'],
    ['status'],
    ['status', '--state-dir', relative(process.cwd(), state)],
    ['init', '--state-dir', relative(process.cwd(), state)],
  ]) {
    const { code, out, err } = await farolaAgent([...args, '--json', '--config', named]);
    t.is(code, 0, err);
    const told = JSON.parse(out) as { configPath: string; stateDir?: string };
    t.is(told.configPath, path, args.join(' '));
    if (told.stateDir !== undefined) t.is(told.stateDir, state);
  }
});

test('profile check does not advise itself, and whoever names a profile is told which file to check', async (t) => {
  const path = join(temporaryFolder(t), "own's.yaml");
  writeFileSync(path, 'id: own\n');
  const checked = await farolaAgent(['profile', 'check', path]);
  t.is(checked.code, 78);
  t.regex(checked.err, /\nhint: docs\/profiles\.md lists every field\n$/);
  const read = await farolaAgent(['meter', 'simulate', path, '--port', '/dev/null']);
  t.is(read.code, 78);
  t.true(read.err.includes(`\nhint: \`farola-agent profile check '${path.replace("'", "'\\''")}'\` explains each, `), read.err);
});

test('an empty path is refused, and not taken for the folder that the command is called in', async (t) => {
  for (const args of [
    ['init', '--state-dir', ''],
    ['status', '--state-dir', ''],
    ['enroll', '--abort', '--yes', '--state-dir', ''],
    ['run', '--config', ''],
    ['status', '--config', ''],
  ]) {
    const { code, err } = await farolaAgent(args);
    t.is(code, 64, args.join(' '));
    t.regex(err, /^error: --(config|state-dir): the path is empty\nhint: see --help\n$/);
  }
});
