import { type Refusal, RefusalCounts } from '@farola/shared';
import type { Log } from './log.js';

/** Writes refusals to the log, as many of each code as `RefusalCounts` lets through. */
export class RefusalLog {
  readonly #log: Pick<Log, 'warn'>;
  readonly #counts = new RefusalCounts();

  constructor(log: Pick<Log, 'warn'>) {
    this.#log = log;
  }

  /** @param remote where the other side is */
  refused({ code, facts }: Pick<Refusal, 'code' | 'facts'>, remote: string): void {
    if (this.#counts.take(code)) this.#log.warn({ ...facts, code, remote }, 'connection refused');
  }

  /** Writes how many were left out of each code, and begins anew. To be called once a minute. */
  flush(): void {
    for (const [code, count] of this.#counts.takeLeftOut()) this.#log.warn({ code, count }, 'more connections were refused');
  }
}
