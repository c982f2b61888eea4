import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, measureFiles, measureTree, nodeMeasurer } from '@farola/shared';
import test from 'ava';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

test('a thread measures as the loop itself would, and remembers what it saw', async (t) => {
  const root = join(temporaryFolder(t), 'tree');
  mkdirSync(root, { mode: 0o755 });
  for (const name of ['a.js', 'b.js']) writeFileSync(join(root, name), name, { mode: 0o644 });
  const measurer = nodeMeasurer();
  t.teardown(() => measurer.close());
  t.deepEqual(await measurer.tree(root), { hash: measureTree(root).root, files: 2, changes: [] });
  writeFileSync(join(root, 'b.js'), 'changed');
  const [tree, platform] = await Promise.all([measurer.tree(root), measurer.platform([process.execPath])]);
  t.deepEqual(tree, { hash: measureTree(root).root, files: 2, changes: [{ path: 'b.js', change: 'content' }] });
  t.deepEqual(platform, { hash: measureFiles([process.execPath]).root, files: 1 });
});

test('what the thread refuses comes back with its code, and it goes on', async (t) => {
  const root = join(temporaryFolder(t), 'tree');
  mkdirSync(root, { mode: 0o755 });
  symlinkSync('x', join(root, 'link'));
  const measurer = nodeMeasurer();
  const refused = await t.throwsAsync(measurer.tree(root));
  t.is(codeOf(refused), 'tree-symlink');
  t.like(refused, { facts: { path: 'link' } });
  t.is((await measurer.platform([process.execPath])).files, 1);
  await measurer.close();
});

test('a measurer that is closed leaves nobody waiting, and one that is asked again begins anew', async (t) => {
  const measurer = nodeMeasurer();
  const asked = measurer.platform([process.execPath]);
  await measurer.close();
  await t.throwsAsync(asked);
  t.is((await measurer.platform([process.execPath])).files, 1);
  await measurer.close();
});
