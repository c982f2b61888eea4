import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

/** A folder for PATH: programs of the machine by their names, and others that do what their script says. */
function programs(t: ExecutionContext, real: readonly string[], fake: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder(t);
  for (const name of real) symlinkSync(spawnSync('which', [name], { encoding: 'utf8' }).stdout.trim(), join(folder, name));
  for (const [name, script] of Object.entries(fake)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

/** Runs a script of the repository, or of a copy, to its end. */
function run(script: string, path: string): { readonly status: number | null; readonly out: string; readonly err: string } {
  const { status, stdout, stderr } = spawnSync(script, ['--no-build'], { encoding: 'utf8', env: { PATH: path } });
  return { status, out: stdout, err: stderr };
}

const SHELL = ['bash', 'env', 'dirname', 'readlink', 'mktemp', 'cat', 'rm', 'grep', 'tail'];

for (const [who, id] of [
  ['a user without sudo', 1000],
  ['root whose apt-get fails', 0],
] as const) {
  test(`scripts/test of ${who} names the Debian packages that are missing in one line, and what to do in another`, (t) => {
    const installed = 'for name; do :; done; [ "$name" = socat ] || [ "$name" = openssl ] || printf installed';
    const fake = { 'id': `echo ${id}`, 'dpkg-query': installed, 'apt-get': 'exit 100', 'sudo': 'exit 1' };
    const { status, out, err } = run(join(ROOT, 'scripts/test'), programs(t, SHELL, fake));
    t.is(status, 1);
    t.is(out, '');
    t.is(
      err.replace(/^setup: installing .*\n/, ''),
      'error: missing Debian packages: socat openssl\nhint: as root: apt-get install socat openssl\n',
    );
  });
}

test('scripts/test goes on without the packages that only some tests need, and says how they are had', (t) => {
  const root = temporaryFolder(t);
  mkdirSync(join(root, 'scripts'));
  copyFileSync(join(ROOT, 'scripts/test'), join(root, 'scripts/test'));
  writeFileSync(join(root, 'scripts/setup'), '#!/bin/sh\nexit 7\n', { mode: 0o755 });
  const installed = 'for name; do :; done; [ "$name" = mbpoll ] || printf installed';
  const fake = { 'id': 'echo 1000', 'dpkg-query': installed, 'apt-get': 'exit 100', 'sudo': 'exit 1' };
  const { status, err } = run(join(root, 'scripts/test'), programs(t, [...SHELL, 'sh'], fake));
  t.is(err, 'setup: some tests are skipped: as root: apt-get install mbpoll\n');
  t.is(status, 7);
});

test('scripts/setup names the compiler that is missing in one line, and what to do in another', (t) => {
  const root = temporaryFolder(t);
  mkdirSync(join(root, 'scripts'));
  for (const name of ['scripts/setup', 'scripts/node-object-wrap.h', 'package-lock.json'])
    copyFileSync(join(ROOT, name), join(root, name));
  const { status, out, err } = run(join(root, 'scripts/setup'), programs(t, [...SHELL, 'node', 'npm', 'python3'], {}));
  t.is(status, 1);
  t.is(out, '');
  t.is(err, 'error: missing: make g++ (better-sqlite3 is compiled here)\nhint: apt-get install make g++\n');
});

test('scripts/setup says in one line that there is no node, and what to do in another', (t) => {
  const { status, err } = run(join(ROOT, 'scripts/setup'), programs(t, SHELL, {}));
  t.is(status, 1);
  t.regex(err, /^error: node is not installed; 20\.19 or newer is needed\nhint: .+\n$/);
});
