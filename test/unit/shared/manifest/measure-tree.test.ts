import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  codeOf,
  diffManifests,
  type ErrorCode,
  findInstalledTree,
  measureFiles,
  measureTree,
  sha256,
  toHex,
} from '@farola/shared';
import type { SeenFiles } from '@farola/shared/manifest/fs-measure.js';
import { hashFile } from '@farola/shared/manifest/fs-hash-file.js';
import test, { type ExecutionContext } from 'ava';
import { temporaryFolder } from '../../../fakes/temporary-folder.js';
import { testUnless } from '../../../fakes/test-unless.js';

/** A small tree: two files, one of them in a folder and executable. */
function smallTree(t: ExecutionContext): string {
  const root = join(temporaryFolder(t), 'tree');
  mkdirSync(join(root, 'bin'), { recursive: true, mode: 0o755 });
  write(join(root, 'bin', 'farola'), '#!/bin/sh\n', 0o755);
  write(join(root, 'package.json'), '{}\n', 0o644);
  return root;
}

function write(path: string, content: string, mode: number): void {
  writeFileSync(path, content);
  chmodSync(path, mode);
}

function refusal(t: ExecutionContext, root: string): ErrorCode {
  return codeOf(t.throws(() => measureTree(root)));
}

test('a tree is its regular files, with path, mode bit, size and content', (t) => {
  const { kind, files } = measureTree(smallTree(t));
  t.is(kind, 'code');
  t.deepEqual(files, [
    { path: 'bin/farola', executable: true, size: 10, sha256: sha256(Buffer.from('#!/bin/sh\n')) },
    { path: 'package.json', executable: false, size: 3, sha256: sha256(Buffer.from('{}\n')) },
  ]);
});

test('F60: times, the mode but for one bit, and empty folders do not count', (t) => {
  const root = smallTree(t);
  const { root: before } = measureTree(root);
  utimesSync(join(root, 'package.json'), 0, 0);
  chmodSync(join(root, 'package.json'), 0o400);
  mkdirSync(join(root, 'empty'), { mode: 0o700 });
  t.is(toHex(measureTree(root).root), toHex(before));
});

const changes: Record<string, (root: string) => void> = {
  'content package.json': (root) => writeFileSync(join(root, 'package.json'), '[]\n'),
  'mode package.json': (root) => chmodSync(join(root, 'package.json'), 0o744),
  'removed package.json': (root) => rmSync(join(root, 'package.json')),
  'added evil.js': (root) => write(join(root, 'evil.js'), '', 0o644),
  'removed bin/farola, added bin/farolb': (root) => renameSync(join(root, 'bin/farola'), join(root, 'bin/farolb')),
};

for (const [named, change] of Object.entries(changes)) {
  test(`F60: a change is named: ${named}`, (t) => {
    const root = smallTree(t);
    const before = measureTree(root);
    change(root);
    const after = measureTree(root);
    t.not(toHex(after.root), toHex(before.root));
    t.is(
      diffManifests(before, after)
        .map(({ change: how, path }) => `${how} ${path}`)
        .join(', '),
      named,
    );
  });
}

const refused: [string, ErrorCode, (root: string) => void][] = [
  ['a symbolic link to a file', 'tree-symlink', (root) => symlinkSync('package.json', join(root, 'link'))],
  ['a symbolic link to a folder', 'tree-symlink', (root) => symlinkSync('bin', join(root, 'link'))],
  ['a symbolic link to nowhere', 'tree-symlink', (root) => symlinkSync('nowhere', join(root, 'link'))],
  ['a hard link', 'tree-hard-link', (root) => linkSync(join(root, 'package.json'), join(root, 'other'))],
  ['a file with a name elsewhere', 'tree-hard-link', (root) => linkSync(join(root, 'package.json'), join(root, '..', 'other'))],
  ['a pipe', 'tree-special-file', (root) => void execFileSync('mkfifo', ['-m', '644', join(root, 'pipe')])],
  ['a file that the group may write', 'tree-writable', (root) => chmodSync(join(root, 'package.json'), 0o664)],
  ['a file that all may write', 'tree-writable', (root) => chmodSync(join(root, 'package.json'), 0o646)],
  ['a folder that the group may write', 'tree-writable', (root) => chmodSync(join(root, 'bin'), 0o775)],
  ['a root that all may write', 'tree-writable', (root) => chmodSync(root, 0o777)],
  ['a file that runs as its owner', 'tree-set-id', (root) => chmodSync(join(root, 'bin/farola'), 0o4755)],
  ['a file that runs as its group', 'tree-set-id', (root) => chmodSync(join(root, 'bin/farola'), 0o2755)],
  ['a name that is not UTF-8', 'tree-name-encoding', (root) => writeFileSync(Buffer.from(`${root}/a\xff`, 'latin1'), '')],
  ['a name in normal form NFD', 'tree-name-form', (root) => writeFileSync(join(root, 'an\u0303b'), '')],
  ['a name with a line break', 'tree-name-unprintable', (root) => writeFileSync(join(root, 'a\nb'), '')],
  ['a name that turns what follows round', 'tree-name-unprintable', (root) => writeFileSync(join(root, 'a\u202eb'), '')],
  ['a name that begins with a byte order mark', 'tree-name-unprintable', (root) => writeFileSync(join(root, '\ufeffbin'), '')],
  ['a folder whose name is not UTF-8', 'tree-name-encoding', (root) => mkdirSync(Buffer.from(`${root}/a\xff`, 'latin1'))],
  [
    'more files than a tree may have',
    'tree-too-large',
    (root) => {
      for (let i = 0; i <= 50_000; i++) touched(join(root, `${i}`));
    },
  ],
  ['a sparse file of a terabyte', 'tree-too-large', (root) => truncateSync(touched(join(root, 'sparse')), 2 ** 40)],
  [
    'folders without end',
    'tree-too-large',
    (root) => mkdirSync(join(root, ...Array<string>(70).fill('d')), { recursive: true, mode: 0o755 }),
  ],
];

function touched(path: string): string {
  write(path, '', 0o644);
  return path;
}

for (const [what, code, spoil] of refused) {
  test(`F62: refuses ${what}`, (t) => {
    const root = smallTree(t);
    spoil(root);
    t.is(refusal(t, root), code);
  });
}

/** Only root makes devices, and not in every container. */
function makesDevices(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'farola-mknod-'));
  try {
    return spawnSync('mknod', [join(folder, 'null'), 'c', '1', '3']).status === 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const deviceTest = testUnless(makesDevices() ? undefined : 'needs to be allowed mknod');

for (const [what, kind] of [
  ['a character device', ['c', '1', '3']],
  ['a block device', ['b', '7', '0']],
] as const) {
  deviceTest(`F62: refuses ${what}`, (t) => {
    const root = smallTree(t);
    execFileSync('mknod', ['-m', '644', join(root, 'device'), ...kind]);
    t.is(refusal(t, root), 'tree-special-file');
  });
}

test('F62: refuses a socket', async (t) => {
  const root = smallTree(t);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(root, 'socket'), resolve));
  t.teardown(() => server.close());
  chmodSync(join(root, 'socket'), 0o755);
  t.is(refusal(t, root), 'tree-special-file');
});

test('refuses what is no folder, and what is not there', (t) => {
  const root = smallTree(t);
  t.is(refusal(t, join(root, 'package.json')), 'tree-unreadable');
  t.is(refusal(t, join(root, 'nowhere')), 'tree-changing');
});

test('a file that is not the one that was looked at is not hashed', (t) => {
  const root = smallTree(t);
  const path = join(root, 'package.json');
  const seen = lstatSync(path);
  writeFileSync(join(root, 'new'), '{}\n', { mode: 0o644 });
  renameSync(join(root, 'new'), path);
  t.is(codeOf(t.throws(() => hashFile(path, 'package.json', seen))), 'tree-changing');
  const again = lstatSync(path);
  writeFileSync(path, '{}\n\n');
  t.is(codeOf(t.throws(() => hashFile(path, 'package.json', again))), 'tree-changing');
  execFileSync('rm', [path]);
  execFileSync('mkfifo', [path]);
  t.is(codeOf(t.throws(() => hashFile(path, 'package.json', again))), 'tree-changing');
  execFileSync('rm', [path]);
  symlinkSync('bin/farola', path);
  t.is(codeOf(t.throws(() => hashFile(path, 'package.json', again))), 'tree-changing');
});

test('a large file is hashed as a small one is', (t) => {
  const root = smallTree(t);
  for (const size of [1 << 20, (1 << 20) + 1, 3_000_000]) {
    const content = Buffer.alloc(size, size % 251);
    write(join(root, 'large'), content.toString('latin1'), 0o644);
    const large = measureTree(root).files.find(({ path }) => path === 'large');
    t.is(large?.size, Buffer.byteLength(content.toString('latin1')));
    t.is(toHex(large!.sha256), toHex(sha256(Buffer.from(content.toString('latin1')))));
  }
});

test('files of the platform are measured by their real paths, links and all', (t) => {
  const root = smallTree(t);
  symlinkSync('package.json', join(root, 'link'));
  linkSync(join(root, 'package.json'), join(root, 'other'));
  const paths = [join(root, 'link'), join(root, 'package.json'), join(root, 'nowhere')];
  const { kind, files } = measureFiles(paths);
  t.is(kind, 'platform');
  t.deepEqual(
    files.map(({ path }) => path),
    [join(root, 'package.json')],
  );
  t.is(codeOf(t.throws(() => measureFiles([root]))), 'tree-unreadable');
});

test('what was seen of a file stands until it looks otherwise', (t) => {
  const root = smallTree(t);
  const paths = ['bin/farola', 'package.json'].map((path) => join(root, path));
  const seen: SeenFiles = new Map();
  const { root: before } = measureFiles(paths, seen);
  const [path = ''] = paths;
  const one = seen.get(path)!;
  seen.set(path, { ...one, file: { ...one.file, sha256: sha256(Buffer.from('as it was seen')) } });
  t.notDeepEqual(measureFiles(paths, seen).root, before, 'it is not read again');
  t.deepEqual(measureFiles(paths).root, before);
  chmodSync(path, 0o700);
  t.deepEqual(measureFiles(paths, seen).root, before, 'its mode was changed: it is');
  t.is(measureFiles(paths.slice(1), seen).files.length, 1);
  t.is(seen.size, 1, 'what is measured no more is not remembered');
});

test('a tree is installed when it says so', (t) => {
  const root = smallTree(t);
  t.is(findInstalledTree(root), undefined);
  t.is(findInstalledTree(join(root, 'nowhere')), undefined);
  write(join(root, 'farola-tree.json'), '{"format":1,"name":"@farola/agent","version":"0.1.0"}\n', 0o644);
  t.deepEqual(findInstalledTree(root)?.mark, { format: 1, name: '@farola/agent', version: '0.1.0' });
  for (const text of ['', '{}', '[]', '{"format":2,"name":"a","version":"b"}']) {
    writeFileSync(join(root, 'farola-tree.json'), text);
    t.is(codeOf(t.throws(() => findInstalledTree(root))), 'tree-unreadable');
  }
});
