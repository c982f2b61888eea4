import { statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolderPath } from '@farola/shared';
import test from 'ava';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

test('a folder is made with all above it, and one that is there stays as it is', (t) => {
  const root = temporaryFolder(t);
  const path = join(root, 'a', 'b', 'c');
  makeFolderPath(path, 0o700);
  for (const made of [path, join(root, 'a', 'b'), join(root, 'a')]) t.is(statSync(made).mode & 0o777, 0o700);
  makeFolderPath(path, 0o755);
  t.is(statSync(path).mode & 0o777, 0o700);
});

for (const path of ['/proc/farola', '/proc/farola/state', '/proc/farola/state/keys']) {
  test(`no folder can be made at ${path}, and that is said`, (t) => {
    t.throws(() => makeFolderPath(path, 0o750), { code: 'ENOENT' });
  });
}

test('no folder can be made below a file, or at a link that leads nowhere', (t) => {
  const root = temporaryFolder(t);
  writeFileSync(join(root, 'file'), '');
  symlinkSync(join(root, 'nowhere'), join(root, 'link'));
  t.throws(() => makeFolderPath(join(root, 'file'), 0o750), { code: 'EEXIST' });
  t.throws(() => makeFolderPath(join(root, 'file', 'a', 'b'), 0o750), { code: 'ENOTDIR' });
  t.throws(() => makeFolderPath(join(root, 'link', 'a'), 0o750), { code: 'EEXIST' });
});
