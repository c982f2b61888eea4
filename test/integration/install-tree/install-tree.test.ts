import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findInstalledTree, measureTree, toHex } from '@farola/shared';
import test from 'ava';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const MAIN = fileURLToPath(new URL('../../../../scripts/dist/install-tree/main.js', import.meta.url));
const run = promisify(execFile);

/** Installs a tree under a umask; gives what was printed. */
async function install(target: string, umask: string, ...options: string[]): Promise<{ codeHash: string; files: number }> {
  const words = ['umask "$1"; shift; exec "$@"', 'sh', umask, process.execPath, MAIN, target, '--json', ...options];
  return JSON.parse((await run('/bin/sh', ['-c', ...words])).stdout) as { codeHash: string; files: number };
}

test('two runs give the same code hash, whatever the umask, and a second one replaces the first', async (t) => {
  const folder = temporaryFolder(t);
  const [one, two] = [join(folder, 'deep', 'one'), join(folder, 'two')];
  const first = await install(one, '077');
  const { codeHash, files } = await install(two, '000');
  t.is(first.codeHash, codeHash);
  t.is(toHex(measureTree(one).root), codeHash);
  t.true(files > 20 && files < 150, `${files} files`);
  t.like(findInstalledTree(one), { root: one, mark: { name: '@farola/agent' } });
  writeFileSync(join(one, 'left-over.js'), '');
  t.is((await install(one, '022')).codeHash, codeHash);
  t.false(existsSync(join(one, 'left-over.js')));
  t.deepEqual(readdirSync(join(folder, 'deep')), ['one'], 'nothing is left aside');
  t.is(statSync(one).mode & 0o777, 0o755);
});

test('the trees run by themselves, with their native modules', async (t) => {
  const folder = temporaryFolder(t);
  const [agent, collector] = [join(folder, 'agent'), join(folder, 'collector')];
  const { codeHash } = await install(agent, '022');
  t.not((await install(collector, '022', '--collector')).codeHash, codeHash);
  for (const [tree, program] of [
    [agent, 'farola-agent'],
    [collector, 'farola-collector'],
  ] as const) {
    t.regex((await run(join(tree, 'bin', program), ['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
  }
  const load = `new (require('better-sqlite3'))(':memory:').close();`;
  const open = `require('@serialport/bindings-cpp').autoDetect().open({ path: '/nowhere', baudRate: 9600 })`;
  const noSuchPort = `${open}.catch((error) => process.exit(error.message.includes('No such file') ? 0 : 1))`;
  await run(process.execPath, ['-e', `${load} ${noSuchPort}`], { cwd: agent });
  await run(process.execPath, ['-e', `${load} require('sodium-native')`], { cwd: collector });
  t.false(existsSync(join(agent, 'node_modules', 'sodium-native')), 'an LCU has only what the agent needs');
  t.false(existsSync(join(agent, 'node_modules', '.bin')));
});

test('a folder that holds something else is left alone', async (t) => {
  const folder = temporaryFolder(t);
  const other = join(folder, 'other');
  mkdirSync(other);
  writeFileSync(join(other, 'thesis.txt'), 'mine');
  writeFileSync(join(folder, 'file'), '');
  await install(join(folder, 'collector'), '022', '--collector');
  const bad: [string[], number][] = [
    [[other], 64],
    [[join(folder, 'file')], 64],
    [[join(folder, 'collector')], 64],
    [[join(folder, 'file', 'x')], 64],
    [[], 64],
    [[other, 'x'], 64],
    [[other, '--agent', '--collector'], 64],
    [['/proc/farola'], 64],
  ];
  for (const [args, exit] of bad) {
    const { status, stderr, stdout } = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
    t.is(status, exit, stderr);
    t.is(stdout, '');
    t.regex(stderr, /^error: [^\n]+\n(hint: [^\n]+\n)?$/);
  }
  t.is(readFileSync(join(other, 'thesis.txt'), 'utf8'), 'mine');
});
