import { modeOf, shipsOfPackage, shipsOfWorkspace } from '#scripts/install-tree/shipped-files.js';
import test from 'ava';

const MACHINE = { platform: 'linux', arch: 'arm64' };

test('of a package ships what Node can load, and its licence', (t) => {
  for (const path of ['index.js', 'lib/a.cjs', 'lib/b.mjs', 'package.json', 'LICENSE', 'licence.md', 'lib/test/x.js']) {
    t.true(shipsOfPackage(path, MACHINE, false), path);
  }
  const others = [
    'index.d.ts',
    'a.js.map',
    'README.md',
    '.npmrc',
    '.github/a.js',
    'test/a.js',
    'docs/a.js',
    'src/a.cc',
    'run.sh',
  ];
  for (const path of [...others, 'deps/sqlite3.c', 'node_modules/.bin/x.js']) t.false(shipsOfPackage(path, MACHINE, false), path);
});

test('of native modules ships what was built, or prebuilt for this machine', (t) => {
  const ships = ['build/Release/a.node', 'prebuilds/linux-arm64/a.node', 'prebuilds/linux-arm+arm64/a.node'];
  for (const path of ships) for (const native of [true, false]) t.true(shipsOfPackage(path, MACHINE, native), path);
  for (const path of [
    'build/Release/test_extension.node',
    'build/Release/obj/a.node',
    'build/config.json',
    'prebuilds/linux-x64/a.node',
    'prebuilds/darwin-arm64/a.node',
    'prebuilds/linux-arm/a.node',
  ]) {
    t.false(shipsOfPackage(path, MACHINE, true), path);
  }
});

test('of a package that compiles nothing, build/ is code like any other', (t) => {
  for (const path of ['build/x509.cjs.js', 'build/cjs/package.json', 'build/config.json']) {
    t.true(shipsOfPackage(path, MACHINE, false), path);
    t.false(shipsOfPackage(path, MACHINE, true), path);
  }
  for (const path of ['build/types/index.d.ts', 'build/Release/a.js']) t.false(shipsOfPackage(path, MACHINE, false), path);
});

test('of a workspace ships what was compiled from a source that is there', (t) => {
  const isSource = (path: string): boolean => path === 'src/cli/main-cli.ts';
  for (const path of ['package.json', 'bin/farola-agent', 'profiles/x.yaml', 'dist/cli/main-cli.js']) {
    t.true(shipsOfWorkspace(path, isSource), path);
  }
  for (const path of [
    'dist/stale.js',
    'dist/cli/main-cli.d.ts',
    'dist/.tsbuildinfo',
    'tsconfig.json',
    'bin/.swp',
    'src/cli/main-cli.ts',
  ]) {
    t.false(shipsOfWorkspace(path, isSource), path);
  }
});

test('only programs may be executed', (t) => {
  t.is(modeOf('bin/farola-agent'), 0o755);
  t.is(modeOf('dist/cli/main-cli.js'), 0o644);
  t.is(modeOf('node_modules/x/bin/x.js'), 0o644);
});
