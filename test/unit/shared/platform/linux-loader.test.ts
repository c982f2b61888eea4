import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readElfNeeds } from '@farola/shared/platform/fs-elf-needs.js';
import { neededLibraries, readLoader } from '@farola/shared/platform/linux-loader.js';
import fc from 'fast-check';
import test from 'ava';
import { elfFile } from '../../../fakes/elf-file.js';
import { temporaryFolder } from '../../../fakes/temporary-folder.js';
import { runs } from '../runs.js';

test('what a file asks the loader for is read from its dynamic section', (t) => {
  const path = join(temporaryFolder(t), 'x');
  writeFileSync(path, elfFile({ names: ['libm.so.6', 'libc.so.6'], runpath: '$ORIGIN/../lib:/opt/lib' }));
  t.deepEqual(readElfNeeds(path), { names: ['libm.so.6', 'libc.so.6'], folders: ['$ORIGIN/../lib', '/opt/lib'] });
});

test('what is no ELF-64 file asks for nothing', (t) => {
  const folder = temporaryFolder(t);
  const good = elfFile({ names: ['libc.so.6'] });
  const bad = { empty: Buffer.alloc(0), short: good.subarray(0, 60), text: Buffer.from('#!/bin/sh\n'.repeat(20)) };
  const narrow = Buffer.from(good);
  narrow[4] = 1;
  for (const [name, bytes] of Object.entries({ ...bad, narrow })) {
    writeFileSync(join(folder, name), bytes);
    t.deepEqual(readElfNeeds(join(folder, name)), { names: [], folders: [] }, name);
  }
  for (const path of [folder, join(folder, 'nowhere')]) t.deepEqual(readElfNeeds(path).names, []);
});

test('no damage of an ELF file keeps it from being passed over', (t) => {
  const path = join(temporaryFolder(t), 'x');
  const good = elfFile({ names: ['libm.so.6', 'libc.so.6'], runpath: '/opt' });
  const bytes = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(bytes, fc.nat(good.length), (changes, length) => {
      const damaged = Buffer.from(good);
      for (const [at, value] of changes) damaged[at] = value;
      writeFileSync(path, damaged.subarray(0, length));
      t.true(Array.isArray(readElfNeeds(path).names));
    }),
    runs(300),
  );
});

test('libraries are found as far as they ask for others, all of one name, beside the file and in the folders of the loader', (t) => {
  const root = temporaryFolder(t);
  const files: Record<string, Buffer> = {
    'opt/app/main': elfFile({ names: ['liba.so', 'libnear.so', 'libgone.so'], runpath: '$ORIGIN/lib' }),
    'opt/app/lib/libnear.so': elfFile({ names: [] }),
    'usr/lib/liba.so': elfFile({ names: ['libb.so', 'liba.so'] }),
    'usr/lib/glibc-hwcaps/x86-64-v3/libb.so': elfFile({ names: [] }),
    'usr/lib/x86_64-linux-gnu/libb.so': elfFile({ names: ['libc.so'] }),
    'usr/lib/x86_64-linux-gnu/libc.so': elfFile({ names: [] }),
    'usr/lib/other.so': elfFile({ names: [] }),
  };
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), bytes);
  }
  const needed = neededLibraries([join(root, 'opt/app/main')], readLoader(root)).map((path) => path.replace(`${root}/`, ''));
  const counted = Object.keys(files).filter((path) => !/main|other/.test(path));
  t.deepEqual(needed.sort(), counted.sort());
});

test('the libraries of node and of a native module are those that the loader of this machine names', (t) => {
  const native = new URL('../../../../../node_modules/better-sqlite3/build/Release/better_sqlite3.node', import.meta.url)
    .pathname;
  for (const file of [process.execPath, native]) {
    const listed = execFileSync('ldd', [file], { encoding: 'utf8' });
    const loaded = [...listed.matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => realpathSync(path));
    const needed = new Set(neededLibraries([file], readLoader()).map((path) => realpathSync(path)));
    t.true(loaded.length >= 3, listed);
    for (const path of loaded) t.true(needed.has(path), `${file}: ${path}`);
  }
});
