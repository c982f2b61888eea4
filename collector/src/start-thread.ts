import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';

/** What a thread has of its own. */
export interface ThreadOptions {
  /** What it finds as `workerData`. */
  readonly data: unknown;
  /** The most that long-lived objects may take, MB; beyond, the thread ends with an error. */
  readonly oldMb: number;
  /** The most that new objects may take, MB. */
  readonly youngMb: number;
}

/**
 * The launcher's options are for the heap of the polling thread, which has been made when anything of ours runs. V8 would
 * give them precedence over `resourceLimits` in each heap that is made later; 0 leaves the young generation to these, and
 * 24 MB is where V8 first marks the old one: what aggregates and proofs keep is half of that (decision 024).
 */
const HEAP_OF_THREADS = ['--max-semi-space-size=0', '--initial-old-space-size=24'];

/** Starts a thread with a heap of its own size. It inherits neither environment nor options. */
export function startThread(module: URL, { data, oldMb, youngMb }: ThreadOptions): Worker {
  HEAP_OF_THREADS.forEach((option) => setFlagsFromString(option));
  return new Worker(module, {
    workerData: data,
    resourceLimits: { maxOldGenerationSizeMb: oldMb, maxYoungGenerationSizeMb: youngMb },
    env: {},
    execArgv: [],
  });
}
