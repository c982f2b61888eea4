import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { farolaAgent, writeAgentConfig } from '../../fakes/agent-process.js';
import { enrolledAgent } from '../../fakes/enrolled-agent.js';
import { mountMemory, runAsRoot, unmount, whyNoMount } from '../../fakes/mounts.js';
import { powerlessAgent } from '../../fakes/powerless-agent.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { testUnless } from '../../fakes/test-unless.js';

const mountedTest = testUnless(whyNoMount('memory'));

/** A configuration in which this field names this path, beside what it would lie in. */
function configWith(folder: string, field: 'stateDir' | 'runDir' | 'profilesDir', path: string): string {
  const config = writeAgentConfig(folder);
  writeFileSync(config, readFileSync(config, 'utf8').replace(new RegExp(`^${field}: .*$`, 'm'), `${field}: ${path}`));
  return config;
}

function fileIn(t: ExecutionContext): { folder: string; file: string } {
  const folder = temporaryFolder(t);
  const file = join(folder, 'file');
  writeFileSync(file, 'mine');
  return { folder, file };
}

const PATH_UNUSABLE = /^error: \S+ cannot be used: [^\n]+\nhint: check the path, and what stands there\n$/;

for (const [what, args] of [
  ['run', ['run']],
  ['init', ['init']],
  ['enroll --abort', ['enroll', '--abort', '--yes']],
] as const) {
  test(`a file where the state folder should be is told by ${what} as a path, not as a disk`, async (t) => {
    const { folder, file } = fileIn(t);
    const { code, err } = await farolaAgent([...args, '--config', configWith(folder, 'stateDir', file)]);
    t.is(code, 64);
    t.regex(err.slice(err.indexOf('error:')), PATH_UNUSABLE);
    t.is(readFileSync(file, 'utf8'), 'mine');
  });
}

for (const [what, at] of [
  ['a file where the run folder should be', 'file'],
  ['a run folder below a file', 'file/run'],
  ['a run folder at a link that leads nowhere', 'link'],
] as const) {
  test(`${what} is told as a path, not as a disk`, async (t) => {
    const { folder, config } = await enrolledAgent(t);
    writeFileSync(join(folder, 'file'), '');
    symlinkSync(join(folder, 'nowhere'), join(folder, 'link'));
    const text = readFileSync(config, 'utf8').replace(/^runDir: .*$/m, `runDir: ${join(folder, at)}`);
    writeFileSync(config, text);
    const { code, err } = await farolaAgent(['run', '--config', config]);
    t.is(code, 64);
    t.regex(err, PATH_UNUSABLE);
  });
}

test('init does not call a file a folder that is ready', async (t) => {
  for (const field of ['stateDir', 'profilesDir'] as const) {
    const { folder, file } = fileIn(t);
    const { code, out } = await farolaAgent(['init', '--config', configWith(folder, field, file)]);
    t.not(code, 0);
    t.notRegex(out, /ready/);
  }
  const { folder, file } = fileIn(t);
  const below = await farolaAgent(['init', '--config', join(file, 'agent.yaml'), '--state-dir', join(folder, 'state')]);
  t.not(below.code, 0);
  t.false(existsSync(join(folder, 'state')));
});

test('a file in the place of own profiles is told in words', async (t) => {
  const { folder, file } = fileIn(t);
  const { code, err } = await farolaAgent(['config', 'check', '--config', configWith(folder, 'profilesDir', file)]);
  t.is(code, 78);
  t.regex(err, /\n {2}profile \S+\/file: it cannot be read: what it names as a folder is a file\n/);
});

test('folders above the state folder that are missing are made', async (t) => {
  const folder = temporaryFolder(t);
  const state = join(folder, 'a', 'b', 'state');
  const { code, err } = await farolaAgent(['init', '--config', configWith(folder, 'stateDir', state)]);
  t.is(code, 0, err);
  t.true(statSync(state).isDirectory());
});

test('a state folder that this user may not read is told by every command, with who may', async (t) => {
  const folder = temporaryFolder(t);
  const config = writeAgentConfig(folder);
  const state = join(folder, 'state');
  mkdirSync(state);
  chmodSync(state, 0);
  t.teardown(() => chmodSync(state, 0o700));
  for (const args of [['run'], ['init'], ['enroll', '--abort', '--yes']]) {
    const { code, err } = await powerlessAgent(...args, '--config', config);
    t.is(code, 77, args.join(' '));
    t.regex(err, /(^|\n)error: no permission for \S+\nhint: run this as root or as the user farola\n$/);
  }
});

test('a configuration that this user may not read has one exit code, whatever is asked', async (t) => {
  const folder = temporaryFolder(t);
  const config = writeAgentConfig(folder);
  chmodSync(config, 0);
  for (const args of [['run'], ['init'], ['config', 'check'], ['config', 'show'], ['enroll', '--abort'], ['meter', 'read']]) {
    const { code, err } = await powerlessAgent(...args, '--config', config);
    t.is(code, 77, args.join(' '));
    t.regex(err, /^error: no permission for \S+agent\.yaml\nhint: run this as root or as the user farola\n$/);
  }
});

mountedTest('a state folder on a disk that takes no writes is told as that', async (t) => {
  const folder = temporaryFolder(t);
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  mountMemory(64, disk);
  t.teardown(() => unmount(disk));
  runAsRoot('mount', '-o', 'remount,ro', disk);
  const { code, err } = await farolaAgent(['init', '--config', configWith(folder, 'stateDir', join(disk, 'state'))]);
  t.is(code, 74);
  t.regex(err, /^error: \S+: its file system is read-only\nhint: see that there is room, and that it takes writes; /);
});
