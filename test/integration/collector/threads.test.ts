import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import type { ThreadHeap } from '../../fakes/thread-heap.js';

const THREAD_HEAP = fileURLToPath(new URL('../../fakes/thread-heap.js', import.meta.url));
const LAUNCHER = fileURLToPath(new URL('../../../../collector/bin/farola-collector', import.meta.url));

/** The options that the launcher gives V8 for the thread that polls. */
function optionsOfLauncher(): string[] {
  const [first] = readFileSync(LAUNCHER, 'utf8').split('\n');
  return first?.split(' ').filter((word) => word.startsWith('--')) ?? [];
}

test('a thread of the collector has a heap of its own size, whatever that of the polling thread is', async (t) => {
  const options = optionsOfLauncher();
  t.regex(options.join(' '), /--max-semi-space-size=\d+ --initial-old-space-size=\d+/);
  const { stdout } = await promisify(execFile)(process.execPath, [...options, THREAD_HEAP]);
  const { limitMb, mostMb } = JSON.parse(stdout) as ThreadHeap;
  t.log(`limit ${limitMb.toFixed(0)} MB, at most ${mostMb.toFixed(0)} MB`);
  t.true(limitMb < 256 + 32);
  t.true(mostMb < 80);
});
