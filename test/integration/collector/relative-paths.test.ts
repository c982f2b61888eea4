import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { parse } from 'yaml';
import { checkJson } from '#scripts/docs/json/check-json.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const ROOT = new URL('../../../../', import.meta.url);
const BIN = {
  agent: fileURLToPath(new URL('agent/bin/farola-agent', ROOT)),
  collector: fileURLToPath(new URL('collector/bin/farola-collector', ROOT)),
};

/** A folder in which commands are typed. */
function typedIn(t: ExecutionContext) {
  const folder = temporaryFolder(t);
  const type = (program: keyof typeof BIN, ...args: readonly string[]): Promise<{ exit: number; out: string; err: string }> =>
    new Promise((resolve) => {
      execFile(BIN[program], args, { cwd: folder }, (error, out, err) => resolve({ exit: Number(error?.code ?? 0), out, err }));
    });
  return { folder, type };
}

/** What is printed with --json, held against docs/json.md: a path there is absolute. */
function told(program: keyof typeof BIN, args: readonly string[], out: string): Readonly<Record<string, unknown>> {
  checkJson(`farola-${program}`, args, out);
  return JSON.parse(out) as Readonly<Record<string, unknown>>;
}

const HERE = ['--config', 'c.yaml'];
const INIT = ['init', '--id', 'malaga', '--address', 'wss://127.0.0.1:8443', ...HERE, '--state-dir', 'st', '--run-dir', 'r'];

test('folders that init and keys restore are told are those where they were typed, wherever the collector runs later', async (t) => {
  t.timeout(60_000);
  const { folder, type } = typedIn(t);
  const made = await type('collector', ...INIT, '--json');
  const [config, keysDir] = [join(folder, 'c.yaml'), join(folder, 'st', 'keys')];
  t.like(told('collector', ['init'], made.out), { configPath: config, keysDir, rootKeyPath: join(keysDir, 'root.key') });
  t.like(parse(readFileSync(config, 'utf8')), { stateDir: join(folder, 'st'), runDir: join(folder, 'r') });

  const checked = await type('collector', 'config', 'check', ...HERE, '--json');
  t.like(told('collector', ['config', 'check'], checked.out), { configPath: config });
  const hint = (await type('collector', 'lcu', 'show', 'malaga-0042', ...HERE)).err;
  t.true(hint.includes(`--config ${config} lcu list`), hint);

  writeFileSync(join(folder, 'passphrase'), 'a lamp at every corner\n');
  const sealed = ['--passphrase-file', 'passphrase'];
  const backup = await type('collector', 'keys', 'backup', 'b.age', ...sealed, ...HERE);
  t.is(backup.exit, 0, backup.err);
  const places = ['--config', 'd.yaml', '--state-dir', 'other', '--run-dir', 'r2'];
  const restored = await type('collector', 'keys', 'restore', 'b.age', ...sealed, ...places, '--json');
  const [configPath, stateDir] = [join(folder, 'd.yaml'), join(folder, 'other')];
  t.like(told('collector', ['keys', 'restore'], restored.out), { configPath, stateDir });
  t.like(parse(readFileSync(configPath, 'utf8')), { stateDir, runDir: join(folder, 'r2') });
});

test('a configuration that names a folder without saying from where is refused, with its line', async (t) => {
  const { folder, type } = typedIn(t);
  writeFileSync(join(folder, 'c.yaml'), 'collectorId: malaga\npublicAddress: wss://x\nstateDir: st\nrunDir: ./r\n');
  const { exit, err } = await type('collector', 'status', ...HERE);
  t.is(exit, 78, err);
  t.regex(err, /\n {2}stateDir \(line 3\): is not an absolute path; it is `st`\n {2}runDir \(line 4\): [^\n]*`\.\/r`\n/);
  t.false(existsSync(join(folder, 'st')));
});

test('an agent tells its configuration by its absolute path, however it was named', async (t) => {
  const { folder, type } = typedIn(t);
  const configPath = join(folder, 'c.yaml');
  const init = await type('agent', 'init', ...HERE, '--state-dir', 'st', '--json');
  t.like(told('agent', ['init'], init.out), { configPath, stateDir: join(folder, 'st') });
  for (const args of [['config', 'check'], ['config', 'show'], ['status']]) {
    const { out, err } = await type('agent', ...args, ...HERE, '--json');
    t.like(told('agent', args, out), { configPath }, err);
  }
});
