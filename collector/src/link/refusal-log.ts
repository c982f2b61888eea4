import type { ErrorCode, Refusal } from '@farola/shared';
import type { Log } from '../log.js';

/** Lines of one code that are written between two calls of `flush`. */
const LINES = 20;

/**
 * Writes refusals to the log, the first of each code whole and the others as a number, so that strangers cannot fill the
 * disk with lines.
 */
export class RefusalLog {
  readonly #log: Pick<Log, 'warn'>;
  readonly #counts = new Map<ErrorCode, number>();

  constructor(log: Pick<Log, 'warn'>) {
    this.#log = log;
  }

  /** @param remote where the other side is */
  refused({ code, facts }: Pick<Refusal, 'code' | 'facts'>, remote: string): void {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count <= LINES) this.#log.warn({ ...facts, code, remote }, 'connection refused');
  }

  /** Writes how many were left out of each code, and begins anew. To be called once a minute. */
  flush(): void {
    for (const [code, count] of this.#counts) {
      if (count > LINES) this.#log.warn({ code, count: count - LINES }, 'more connections were refused');
    }
    this.#counts.clear();
  }
}
