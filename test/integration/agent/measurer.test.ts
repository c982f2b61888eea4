import { chmodSync, copyFileSync, mkdirSync, renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  codeOf,
  linuxPlatformFiles,
  mappedFiles,
  measureFiles,
  measureTree,
  nodeMeasurer,
  type PlatformRequest,
} from '@farola/shared';
import test, { type ExecutionContext } from 'ava';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const UNIT = 'farola-agent.service';

/** A tree of these files, each with its name as content. */
function treeOf(t: ExecutionContext, ...names: string[]): string {
  const root = join(temporaryFolder(t), 'tree');
  mkdirSync(root, { mode: 0o755 });
  for (const name of names) writeFileSync(join(root, name), name, { mode: 0o644 });
  return root;
}

function onlyNode(tree: string): PlatformRequest {
  return { mapped: [process.execPath], unit: UNIT, tree, whole: false };
}

test('a thread measures a tree as the loop itself would, and remembers what it saw', async (t) => {
  const root = treeOf(t, 'a.js', 'b.js');
  const measurer = nodeMeasurer();
  t.teardown(() => measurer.close());
  t.deepEqual(await measurer.tree(root), { hash: measureTree(root).root, files: 2, changes: [] });
  writeFileSync(join(root, 'b.js'), 'changed');
  const changes = [{ path: 'b.js', change: 'content' as const }];
  t.deepEqual(await measurer.tree(root), { hash: measureTree(root).root, files: 2, changes });
});

test('a thread measures the platform, and what a native module of the tree asks for', async (t) => {
  const native = '../../../../node_modules/better-sqlite3/build/Release/better_sqlite3.node';
  const root = treeOf(t);
  copyFileSync(new URL(native, import.meta.url), join(root, 'x.node'));
  chmodSync(join(root, 'x.node'), 0o644);
  const measurer = nodeMeasurer();
  t.teardown(() => measurer.close());
  const mapped = mappedFiles(process.execPath);
  const { root: hash, files } = measureFiles(linuxPlatformFiles({ mapped, unit: UNIT }, [join(root, 'x.node')]));
  const measured = await measurer.platform({ mapped, unit: UNIT, tree: root, whole: true });
  t.deepEqual(measured, { hash, files: files.length, changes: [] });
});

test('a file of the platform that was changed is found, also by a look that reads only what looks changed', async (t) => {
  const root = treeOf(t);
  const file = join(temporaryFolder(t), 'lib.so');
  const measurer = nodeMeasurer();
  t.teardown(() => measurer.close());
  const look = (whole = false) => measurer.platform({ mapped: [file], unit: UNIT, tree: root, whole });
  writeFileSync(file, 'old');
  const before = await look();
  t.deepEqual(await look(), before);
  const becomes = async (name: string): Promise<void> => {
    const now = await look();
    t.deepEqual(now.changes, [{ path: file, change: 'content' }], name);
    t.deepEqual((await look(true)).hash, now.hash, name);
  };
  writeFileSync(file, 'new');
  await becomes('written in place');
  utimesSync(file, 0, 0);
  t.deepEqual((await look()).changes, [], 'other times are no change');
  writeFileSync(file, 'odd');
  utimesSync(file, 0, 0);
  await becomes('in place, with its times put back');
  writeFileSync(`${file}.new`, 'two');
  renameSync(`${file}.new`, file);
  await becomes('another file in its place');
});

test('what the thread refuses comes back with its code, and it goes on', async (t) => {
  const root = treeOf(t);
  symlinkSync('x', join(root, 'link'));
  const measurer = nodeMeasurer();
  const refused = await t.throwsAsync(measurer.tree(root));
  t.is(codeOf(refused), 'tree-symlink');
  t.like(refused, { facts: { path: 'link' } });
  t.true((await measurer.platform(onlyNode(treeOf(t)))).files > 1);
  await measurer.close();
});

test('a measurer that is closed leaves nobody waiting, and one that is asked again begins anew', async (t) => {
  const measurer = nodeMeasurer();
  const root = treeOf(t);
  const asked = measurer.platform(onlyNode(root));
  await measurer.close();
  await t.throwsAsync(asked);
  t.true((await measurer.platform(onlyNode(root))).files > 1);
  await measurer.close();
});
