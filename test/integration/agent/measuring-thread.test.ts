import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { codeOf, measureTree, nodeMeasurer } from '@farola/shared';
import test from 'ava';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

// A file of its own: every thread that this process starts is counted.
test('a thread is there only while something is measured, serves all who ask meanwhile, and hands on what it knows', async (t) => {
  const root = join(temporaryFolder(t), 'tree');
  mkdirSync(root, { mode: 0o755 });
  const write = (content: string): void => writeFileSync(join(root, 'a.js'), content, { mode: 0o644 });
  const started: Worker[] = [];
  const count = (worker: Worker): void => void started.push(worker);
  process.on('worker', count);
  t.teardown(() => process.off('worker', count));
  const measurer = nodeMeasurer();
  t.teardown(() => measurer.close());

  write('first');
  const platform = { mapped: [join(root, 'a.js')], unit: 'farola-agent.service', tree: root, whole: false };
  const both = await Promise.all([measurer.tree(root), measurer.platform(platform)]);
  t.deepEqual(both[0], { hash: measureTree(root).root, files: 1, changes: [] });
  t.is(started.length, 1, 'one for both');
  await once(started[0]!, 'exit');

  write('second');
  const [code, on] = await Promise.all([measurer.tree(root), measurer.platform(platform)]);
  t.deepEqual(code.changes, [{ path: 'a.js', change: 'content' }]);
  t.deepEqual(on.changes, [{ path: join(root, 'a.js'), change: 'content' }]);
  t.is(started.length, 2);

  const asked = [measurer.tree(root), measurer.tree(root)];
  await once(started[2] ?? (await startedNext()), 'online');
  await started[2]!.terminate();
  t.deepEqual(
    (await Promise.allSettled(asked)).map(({ status }) => status),
    ['rejected', 'fulfilled'],
  );
  write('third');
  t.deepEqual((await measurer.tree(root)).changes, [{ path: 'a.js', change: 'content' }], 'what died took nothing with it');
  t.is(codeOf(await t.throwsAsync(measurer.tree(join(root, 'gone')))), 'tree-changing');
});

/** The next thread that this process starts. */
async function startedNext(): Promise<Worker> {
  const [worker] = (await once(process, 'worker')) as [Worker];
  return worker;
}
