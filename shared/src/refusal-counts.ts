import type { ErrorCode } from './errors.js';

/** Lines of one code that are written between two calls of `takeLeftOut`. */
const LINES = 20;

/** Counts refusals by their code: the first of each are written whole, the others as a number, so that strangers cannot fill a disk. */
export class RefusalCounts {
  readonly #counts = new Map<ErrorCode, number>();

  /** Counts one. True when its line is to be written. */
  take(code: ErrorCode): boolean {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    return count <= LINES;
  }

  /** How many lines of each code were left out; begins anew. To be asked once a minute. */
  takeLeftOut(): readonly (readonly [code: ErrorCode, count: number])[] {
    const left = [...this.#counts].flatMap(([code, count]) => (count > LINES ? [[code, count - LINES] as const] : []));
    this.#counts.clear();
    return left;
  }
}
