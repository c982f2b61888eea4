import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toHex } from '@farola/shared';
import { bundleProgram } from '#scripts/install-tree/bundle-program.js';
import { installTree } from '#scripts/install-tree/install-tree.js';
import { type LockedPackages, productionPackages } from '#scripts/install-tree/production-packages.js';
import { BUNDLE_PLANS } from '#scripts/install-tree/program-plan.js';
import test from 'ava';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const REPOSITORY = fileURLToPath(new URL('../../../..', import.meta.url));
const PLAN = BUNDLE_PLANS.agent!;
const { packages } = JSON.parse(readFileSync(join(REPOSITORY, 'package-lock.json'), 'utf8')) as { packages: LockedPackages };
/** What the agent needs to run, but for the agent itself, as npm installs it. */
const NEEDED = productionPackages(packages, 'agent').filter(({ to }) => to !== '');

/** Packages of these names above a tree, each of which says in a file that it was loaded. */
function poison(folder: string, names: Iterable<string>): string {
  const said = join(folder, 'loaded');
  for (const name of names) {
    const at = join(folder, 'node_modules', name);
    mkdirSync(at, { recursive: true });
    writeFileSync(
      join(at, 'index.js'),
      `require('node:fs').appendFileSync(${JSON.stringify(said)}, ${JSON.stringify(`${name}\n`)})`,
    );
  }
  return said;
}

test('a tree runs alone: nothing is loaded from the folders above it, whatever lies there', (t) => {
  const folder = temporaryFolder(t);
  const made = join(folder, 'made', 'farola-agent');
  installTree({ repository: REPOSITORY, program: 'agent', target: made });
  const tree = join(folder, 'elsewhere', 'farola-agent');
  cpSync(made, tree, { recursive: true });
  const seldom = ['bufferutil', 'utf-8-validate', 'supports-color', 'pino-pretty', 'thread-stream', 'worker'];
  const said = poison(folder, [...NEEDED.map(({ to }) => to.replace(/^.*node_modules\//, '')), ...seldom]);
  const config = join(folder, 'agent.yaml');
  const run = (...args: string[]) => {
    const env = { PATH: process.env['PATH'], DEBUG: '*' };
    const { status, stderr, stdout } = spawnSync(join(tree, 'bin', 'farola-agent'), args, { encoding: 'utf8', env });
    return { exit: status, text: stdout + stderr };
  };
  const chosen = ['--config', config];
  t.regex(run('--version').text, /^\d+\.\d+\.\d+$/m);
  t.is(run('init', ...chosen, '--state-dir', join(folder, 'state')).exit, 0);
  t.like(run('config', 'check', ...chosen), { exit: 0 }, 'profiles and YAML');
  t.regex(run('hash').text, new RegExp(`^code {6}[0-9a-f]{64} .* files in ${tree}$`, 'm'), 'the thread that measures');
  t.regex(run('meter', 'read', ...chosen).text, /No such file or directory|cannot open/, 'the serial port, modbus-serial');
  t.regex(run('status', ...chosen).text, /not enrolled/, 'the journal');
  t.regex(run('run', ...chosen).text, /not enrolled/, 'the log, the link, what signs');
  t.is(run('support-bundle', join(folder, 'bundle.tar'), ...chosen).exit, 0);
  t.false(existsSync(said), existsSync(said) ? readFileSync(said, 'utf8') : '');
});

test('the same sources bundle to the same bytes wherever the repository lies', (t) => {
  const other = join(temporaryFolder(t), 'somewhere', 'else');
  const copy = (path: string): void => cpSync(join(REPOSITORY, path), join(other, path), { recursive: true });
  for (const workspace of ['agent', 'shared']) [`${workspace}/package.json`, `${workspace}/dist`].forEach(copy);
  ['package.json', 'scripts/dist/install-tree'].forEach(copy);
  for (const { from } of NEEDED.filter((one) => one.from.startsWith('node_modules/'))) {
    const isCode = (path: string): boolean => !/\/(deps|src|prebuilds|build)$/.test(path) || !path.includes(`${from}/`);
    const native = /^node_modules\/(better-sqlite3|@serialport\/bindings-cpp)$/.test(from);
    cpSync(join(REPOSITORY, from), join(other, from), { recursive: true, ...(native ? { filter: isCode } : {}) });
  }
  mkdirSync(join(other, 'node_modules', '@farola'));
  symlinkSync('../../shared', join(other, 'node_modules', '@farola', 'shared'));
  const bytesOf = (repository: string): Record<string, string> =>
    Object.fromEntries([...bundleProgram(repository, PLAN).files].map(([path, bytes]) => [path, toHex(bytes)]));
  t.deepEqual(Object.keys(bytesOf(other)).sort(), Object.keys(bytesOf(REPOSITORY)).sort());
  t.deepEqual(bytesOf(other), bytesOf(REPOSITORY));
});

test('source maps are written where they are asked for, lead back to our sources, and are no part of the tree', (t) => {
  const folder = temporaryFolder(t);
  const [plain, tree, maps] = ['plain', 'tree', 'maps'].map((name) => join(folder, name)) as [string, string, string];
  const { root } = installTree({ repository: REPOSITORY, program: 'agent', target: plain });
  t.deepEqual(installTree({ repository: REPOSITORY, program: 'agent', target: tree, maps }).root, root);
  for (const file of readdirSync(join(tree, 'dist', 'cli'))) {
    const { sources } = JSON.parse(readFileSync(join(maps, 'dist', 'cli', `${file}.map`), 'utf8')) as { sources: string[] };
    if (file === 'main-cli.js')
      t.true(
        sources.some((path) => path.endsWith('agent/src/cli/main-cli.ts')),
        sources.join(),
      );
    const text = readFileSync(join(tree, 'dist', 'cli', file), 'utf8');
    t.false(text.includes('sourceMappingURL'));
  }
});

/** What judges a configuration comes with a start, and seldom again. */
const SELDOM = 'dist/cli/node-config-thread.js';

test('threads are one file each, and small: what is started again and again loads little', (t) => {
  const { files } = bundleProgram(REPOSITORY, PLAN);
  for (const { to } of PLAN.threads) {
    const text = Buffer.from(files.get(to) ?? []).toString();
    t.true(text.length > 1_000 && text.length < (to === SELDOM ? 400_000 : 60_000), `${to}: ${text.length}`);
    const modules = [...text.matchAll(/require\(["']([^"']+)["']\)/g)].map(([, name]) => name ?? '');
    t.true(modules.length > 2, `${to}: ${modules.join()}`);
    t.deepEqual(
      modules.filter((name) => !isBuiltin(name)),
      [],
    );
  }
});

/** What an agent that runs is made of, beside ours: another package takes memory for as long as it runs (docs/decisions/052). */
const RUN_PACKAGES = [
  '@pinojs/redact',
  'atomic-sleep',
  'debug',
  'modbus-serial',
  'ms',
  'on-exit-leak-free',
  'pino',
  'pino-std-serializers',
  'quick-format-unescaped',
  'safe-stable-stringify',
  'sonic-boom',
  'thread-stream',
  'ws',
  'zod',
];

/** What commands and threads alone need. */
const OF_COMMANDS = [
  /node_modules\/(commander|yaml)\//,
  /agent\/dist\/config\.js$/,
  /agent\/dist\/config\/(config-schema|remote-config)\.js$/,
  /agent\/dist\/meter\/profile\/(profile-schema|profile-file|complete-profile)\.js$/,
  /agent\/dist\/meter\/tool\//,
  /agent\/dist\/cli\/(?!run-part|run\.|process-main|exit-code|name-options|interrupted)/,
  /agent\/dist\/status\/run-status\.js$/,
  /shared\/dist\/config\/yaml-document\.js$/,
];

/** Of node's own modules: any other, such as `fs/promises` or `readline`, is loaded for good. */
const RUN_BUILTINS = [
  'assert',
  'buffer',
  'child_process',
  'crypto',
  'dgram',
  'diagnostics_channel',
  'events',
  'fs',
  'http',
  'https',
  'module',
  'net',
  'os',
  'path',
  'querystring',
  'stream',
  'timers/promises',
  'tls',
  'tty',
  'url',
  'util',
  'worker_threads',
  'zlib',
];

/** Modules of node's own that the code of a bundle asks for. */
function builtinsOf(text: string): string[] {
  const asked = [...text.matchAll(/require\(["'](?:node:)?([^"']+)["']\)/g)].map(([, name = '']) => name);
  return [...new Set(asked.filter((name) => isBuiltin(name)))].sort();
}

test('what runs for months is loaded without what it does not need: of packages, of ours, of node', (t) => {
  const { files, sources } = bundleProgram(REPOSITORY, PLAN);
  const run = sources.get('dist/cli/run-part.js') ?? [];
  const packages = run.flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
  t.deepEqual([...new Set(packages)].sort(), RUN_PACKAGES);
  const commands = sources.get('dist/cli/commands-part.js') ?? [];
  for (const other of OF_COMMANDS) {
    t.true(
      commands.some((path) => other.test(path)),
      `${other} names nothing any more`,
    );
    t.deepEqual(
      run.filter((path) => other.test(path)),
      [],
    );
  }
  const builtins = builtinsOf(Buffer.from(files.get('dist/cli/run-part.js') ?? []).toString());
  t.deepEqual(
    builtins.filter((name) => !RUN_BUILTINS.includes(name)),
    [],
  );
});

test('a tree holds the licence of every package that came into it, and no other', (t) => {
  const tree = join(temporaryFolder(t), 'tree');
  installTree({ repository: REPOSITORY, program: 'agent', target: tree });
  const listed = [...readFileSync(join(tree, 'LICENSES'), 'utf8').matchAll(/^(@?[a-z][\w./-]*) \d+\.\d+\.\d+: [\w.-]+$/gm)];
  const names = new Set(listed.map(([, name = '']) => name));
  for (const name of [
    'zod',
    'yaml',
    'ws',
    'pino',
    'tweetnacl',
    'modbus-serial',
    'commander',
    '@serialport/bindings-cpp',
    'node-gyp-build',
  ]) {
    t.true(names.has(name), name);
  }
  const needed = new Set(NEEDED.map(({ to }) => to.replace(/^.*node_modules\//, '')));
  t.deepEqual(
    [...names].filter((name) => !needed.has(name)),
    [],
  );
  const copied = readdirSync(join(tree, 'node_modules')).filter((name) => !name.startsWith('@'));
  for (const name of copied)
    t.true(
      readdirSync(join(tree, 'node_modules', name)).some((file) => /^licen[cs]e/i.test(file)),
      name,
    );
});

test('code that would look for a package that is not shipped is not bundled', (t) => {
  const repository = temporaryFolder(t);
  writeFileSync(join(repository, 'main.js'), `try { require('a-package-of-nobody'); } catch {}\nexport {};`);
  const plan = {
    program: { from: 'main.js', to: 'dist/main.js' },
    parts: [],
    threads: [],
    natives: [],
    nativesInPlace: [],
    absent: [],
  };
  t.throws(() => bundleProgram(repository, plan), { instanceOf: RangeError, message: /a-package-of-nobody/ });
});
