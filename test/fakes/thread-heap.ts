import { getHeapStatistics } from 'node:v8';
import { isMainThread, parentPort } from 'node:worker_threads';
import { startThread } from '@farola/collector/start-thread.js';

/** What a thread of the collector says of its heap, MB. */
export interface ThreadHeap {
  readonly limitMb: number;
  /** The most that objects took while little lived at a time. */
  readonly mostMb: number;
}

/** Arrays that live at a time, some 20 MB: long enough to be taken for long-lived. */
const LIVING = 20_000;
const MADE = 400_000;

/** Makes arrays without end, of which few live at a time. Gives what the heap had at most, bytes. */
function makeGarbage(): number {
  const living: number[][] = [];
  let most = 0;
  for (let i = 0; i < MADE; i++) {
    living[i % LIVING] = Array.from({ length: 100 }, (_, number) => number + i);
    if (i % 500 === 0) most = Math.max(most, getHeapStatistics().used_heap_size);
  }
  return most;
}

/** A process with a thread as the collector starts them, which prints what that says: `thread-heap.js`, with options of V8. */
if (isMainThread) {
  const thread = startThread(new URL(import.meta.url), { data: undefined, oldMb: 256, youngMb: 16 });
  thread.on('message', (heap: ThreadHeap) => process.stdout.write(JSON.stringify(heap)));
} else {
  const mostMb = makeGarbage() / 1e6;
  parentPort?.postMessage({ limitMb: getHeapStatistics().heap_size_limit / 2 ** 20, mostMb } satisfies ThreadHeap);
}
