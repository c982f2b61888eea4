/** How urgent a question is: a person waits; a sample is due; it may come when there is time. */
const PRIORITIES = ['person', 'sample', 'spare'] as const;
/** One of these, the most urgent first. */
export type Priority = (typeof PRIORITIES)[number];

/** So often may others be served before what waits longest, whatever they are. */
const PASSED_OVER_AT_MOST = 8;

interface Waiting<T> {
  readonly item: T;
  readonly rank: number;
  passedOver: number;
}

/**
 * What waits for a line. The most urgent is served first, within one priority what came first; but nothing is passed over
 * for ever. What is not ready yet holds nobody up.
 */
export class LineQueue<T> {
  #waiting: Waiting<T>[] = [];

  get length(): number {
    return this.#waiting.length;
  }

  /** Puts an item behind those of its priority. */
  add(item: T, priority: Priority): void {
    this.#waiting.push({ item, rank: PRIORITIES.indexOf(priority), passedOver: 0 });
  }

  /** Takes an item out that nobody waits for any more; whether it was there. */
  remove(item: T): boolean {
    const before = this.#waiting.length;
    this.#waiting = this.#waiting.filter((waiting) => waiting.item !== item);
    return this.#waiting.length < before;
  }

  /**
   * Takes out what is served next of what is ready at `nowMs`; when nothing is, says when something will be (Infinity for
   * an empty queue).
   */
  next(nowMs: number, readyAtMs: (item: T) => number): { readonly item: T } | { readonly waitUntilMs: number } {
    let chosen: Waiting<T> | undefined;
    let earliestMs = Infinity;
    for (const waiting of this.#waiting) {
      const atMs = readyAtMs(waiting.item);
      earliestMs = Math.min(earliestMs, atMs);
      if (atMs <= nowMs && (!chosen || goesBefore(waiting, chosen))) chosen = waiting;
    }
    if (!chosen) return { waitUntilMs: earliestMs };
    for (const waiting of this.#waiting) {
      if (waiting === chosen) break;
      if (readyAtMs(waiting.item) <= nowMs) waiting.passedOver++;
    }
    this.#waiting.splice(this.#waiting.indexOf(chosen), 1);
    return { item: chosen.item };
  }

  /** Takes everything out. */
  clear(): T[] {
    const items = this.#waiting.map(({ item }) => item);
    this.#waiting = [];
    return items;
  }
}

/** Whether `later`, which came after `chosen`, is served before it. */
function goesBefore<T>(later: Waiting<T>, chosen: Waiting<T>): boolean {
  if (chosen.passedOver >= PASSED_OVER_AT_MOST) return false;
  return later.passedOver >= PASSED_OVER_AT_MOST || later.rank < chosen.rank;
}
