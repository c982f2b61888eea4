import type { LatestValues } from './measures.js';

/**
 * Notices when each of some quantities has another value than when all had one last. Quantities of one request are renewed with each
 * reading; those of several scan groups with the slowest of them, and the others are then no older than their periods.
 */
export class Renewal {
  /** The moment of the newest of them, on the monotonic clock, ms; and by how much the oldest is older. */
  newestMs = NaN;
  spreadMs = 0;
  /** The longest of their periods, ms. */
  periodMs = 0;
  readonly #ids: readonly number[];
  readonly #needed: number;
  readonly #seenMs: Float64Array;

  /** @param beside ids that count as far as the device has a value of them */
  constructor(ids: readonly number[], beside: readonly number[] = []) {
    this.#ids = [...ids, ...beside];
    this.#needed = ids.length;
    this.#seenMs = new Float64Array(this.#ids.length).fill(NaN);
  }

  /** Whether all are new since this was last so. Then the fields tell of them. */
  isComplete(values: LatestValues): boolean {
    let newestMs = -Infinity;
    let oldestMs = Infinity;
    let periodMs = 0;
    for (let at = 0; at < this.#ids.length; at++) {
      const id = this.#ids[at] ?? 0;
      const atMs = values.atMs(id);
      if (Number.isNaN(values.value(id))) {
        if (at < this.#needed) return false;
        continue;
      }
      if (atMs === this.#seenMs[at]) return false;
      newestMs = Math.max(newestMs, atMs);
      oldestMs = Math.min(oldestMs, atMs);
      periodMs = Math.max(periodMs, values.periodMs(id));
    }
    for (let at = 0; at < this.#ids.length; at++) this.#seenMs[at] = values.atMs(this.#ids[at] ?? 0);
    this.newestMs = newestMs;
    this.spreadMs = newestMs - oldestMs;
    this.periodMs = periodMs;
    return true;
  }
}
