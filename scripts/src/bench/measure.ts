import { setImmediate } from 'node:timers/promises';

/** What a stretch of work took of this process. */
export interface Slice {
  readonly polls: number;
  readonly seconds: number;
  /** User and system time of all threads, microseconds. */
  readonly cpuUs: number;
}

/** Runs work for about so long and measures it to its end. @param work polls until `over`, and gives how many there were */
export async function measure(seconds: number, work: (over: () => boolean) => Promise<number>): Promise<Slice> {
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  const polls = await work(() => performance.now() - began >= seconds * 1000);
  const { user, system } = process.cpuUsage(cpuBefore);
  return { polls, seconds: (performance.now() - began) / 1000, cpuUs: user + system };
}

/** Memory that is in use, bytes. */
export interface Memory {
  /** What the operating system counts. */
  readonly rss: number;
  /** What V8 counts: objects and buffers. */
  readonly heap: number;
}

/** Memory after everything that can go is gone. Needs `node --expose-gc`. */
export async function settledMemory(): Promise<Memory> {
  for (let i = 0; i < 4; i++) {
    globalThis.gc?.();
    await setImmediate();
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heap: heapUsed + external };
}

/** The middle of the values; of two, their mean. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const below = sorted[Math.floor(middle)];
  const above = sorted[Math.ceil(middle)];
  if (below === undefined || above === undefined) throw new RangeError('no values');
  return (below + above) / 2;
}
