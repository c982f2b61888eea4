import { spawnSync } from 'node:child_process';
import { chownSync, closeSync, mkdirSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { AGENT_CLI, farolaAgent, writeAgentConfig } from '../../fakes/agent-process.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { testUnless } from '../../fakes/test-unless.js';

const rootTest = testUnless(process.getuid?.() === 0 ? undefined : 'needs root');

test('output that cannot be written is told in one line, with exit code 74', (t) => {
  const full = openSync('/dev/full', 'w');
  t.teardown(() => closeSync(full));
  for (const [program, args] of [
    [AGENT_CLI, ['hash']],
    [AGENT_CLI.replace('/agent/', '/collector/'), ['--help']],
  ] as const) {
    const { status, stderr } = spawnSync(process.execPath, [program, ...args], { stdio: ['ignore', full, 'pipe'] });
    t.is(status, 74);
    t.regex(stderr.toString(), /^error: standard output cannot be written: ENOSPC[^\n]+\nhint: [^\n]+\n$/);
  }
});

rootTest('root does not run on the state of another user, whose files it would make its own', async (t) => {
  const folder = temporaryFolder(t);
  const config = writeAgentConfig(folder);
  const state = join(folder, 'state');
  mkdirSync(state);
  chownSync(state, 65_534, 65_534);
  const { code, err } = await farolaAgent(['run', '--config', config]);
  t.is(code, 77);
  t.regex(
    err,
    /^error: .*state belongs to the user 65534; [^\n]+\nhint: start the service: `systemctl start farola-agent`[^\n]+--allow-root/,
  );
  t.deepEqual(readdirSync(state), []);
  t.regex((await farolaAgent(['run', '--allow-root', '--config', config])).err, /^error: this LCU is not enrolled/);
});

rootTest('root does not run a collector on the state of another user', (t) => {
  const folder = temporaryFolder(t);
  const collector = AGENT_CLI.replace('/agent/', '/collector/');
  const [config = '', state = '', run = ''] = ['c.yaml', 'state', 'run'].map((name) => join(folder, name));
  const places = ['--config', config, '--state-dir', state, '--run-dir', run, '--listen', '127.0.0.1:0'];
  const init = ['init', '--id', 'malaga', '--address', 'wss://localhost:8443', ...places];
  t.is(spawnSync(process.execPath, [collector, ...init]).status, 0);
  chownSync(state, 65_534, 65_534);
  const names = readdirSync(state);
  const { status, stderr } = spawnSync(process.execPath, [collector, 'run', '--config', config], { timeout: 30_000 });
  t.is(status, 77);
  t.regex(
    stderr.toString(),
    /^error: .*state belongs to the user 65534; [^\n]+\nhint: start the service: `systemctl start farola-collector`/,
  );
  t.deepEqual(readdirSync(state), names);
});
