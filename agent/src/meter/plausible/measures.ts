import { ID_LIMIT } from './quantity-ids.js';

/** Values of one analyser, each in its unit, by the id of the quantity. */
export interface Measures {
  /** NaN while it is not known. */
  value(id: number): number;
  /** The smallest step that the value can make at its size; NaN while it is not known. */
  step(id: number): number;
}

/** Values that were asked for within so long may be compared, ms. */
export const SAME_MOMENT_MS = 1_000;

/** As much of the larger one that a load may move from reading to reading and still count as the same. */
const SAME_LOAD = 0.1;

/** The newest value of each quantity, with the moment that it was asked for. No reading allocates anything here. */
export class LatestValues implements Measures {
  readonly #values = new Float64Array(ID_LIMIT).fill(NaN);
  readonly #before = new Float64Array(ID_LIMIT).fill(NaN);
  readonly #steps = new Float64Array(ID_LIMIT).fill(NaN);
  readonly #atMs = new Float64Array(ID_LIMIT).fill(NaN);
  readonly #periodMs = new Float64Array(ID_LIMIT);

  value(id: number): number {
    return this.#values[id] ?? NaN;
  }

  step(id: number): number {
    return this.#steps[id] ?? NaN;
  }

  /** When it was asked for, on the monotonic clock, ms; NaN when that is not known. */
  atMs(id: number): number {
    return this.#atMs[id] ?? NaN;
  }

  /** From sample to sample, ms; 0 while it is not known. */
  periodMs(id: number): number {
    return this.#periodMs[id] ?? 0;
  }

  /** Takes a value in; NaN for one that is missing. */
  take(id: number, value: number, step: number, atMs: number, periodMs: number): void {
    this.#before[id] = this.value(id);
    this.#values[id] = value;
    this.#steps[id] = step;
    this.#atMs[id] = atMs;
    this.#periodMs[id] = periodMs;
  }

  /** Whether the value is another one than that of the reading before: then what is read with it may be of another load. */
  hasMoved(id: number): boolean {
    const before = this.#before[id] ?? NaN;
    const now = this.value(id);
    const moved = Math.abs(now - before);
    return moved > this.step(id) && moved > SAME_LOAD * Math.max(Math.abs(now), Math.abs(before));
  }
}
