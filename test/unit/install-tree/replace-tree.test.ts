import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceTree } from '#scripts/install-tree/replace-tree.js';
import { syncFileSystem } from '#scripts/install-tree/sync-file-system.js';
import { codeOf, FarolaError } from '@farola/shared';
import test, { type ExecutionContext } from 'ava';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

/** A tree at its place and one that was made beside it, each of one file. */
function trees(t: ExecutionContext) {
  const folder = temporaryFolder(t);
  const [target, made] = [join(folder, 'tree'), join(folder, 'tree.new-1')];
  for (const [path, content] of [
    [target, 'older'],
    [made, 'newer'],
  ] as const) {
    mkdirSync(path);
    writeFileSync(join(path, 'file'), content);
  }
  const stands = (): string => (existsSync(target) ? readFileSync(join(target, 'file'), 'utf8') : 'none');
  return { folder, target, made, stands };
}

test('a tree is on the disk before it takes its place, and its name before the older one is removed', (t) => {
  const { folder, target, made, stands } = trees(t);
  const seen: unknown[] = [];
  replaceTree(target, made, (path) => seen.push([path, stands(), readdirSync(folder).length]));
  t.deepEqual(seen, [
    [made, 'older', 2],
    [folder, 'newer', 2],
  ]);
  t.deepEqual(readdirSync(folder), ['tree']);
});

test('a disk that fails leaves the older tree', (t) => {
  const { target, made, stands } = trees(t);
  const failing = (): never => {
    throw new FarolaError('disk-failure', { path: made, reason: 'EIO' });
  };
  t.is(codeOf(t.throws(() => replaceTree(target, made, failing))), 'disk-failure');
  t.is(stands(), 'older');
});

test('the file system of a path is brought to the disk, and what is not there cannot be', (t) => {
  const { target, made } = trees(t);
  t.notThrows(() => syncFileSystem(target));
  t.is(codeOf(t.throws(() => syncFileSystem(join(made, 'nowhere')))), 'disk-failure');
});
