import { type ErrorCode, type Refusal, RefusalCounts } from '@farola/shared';
import type { Log } from './log.js';

/** Writes refusals to the log, as many of each code as `RefusalCounts` lets through. */
export class RefusalLog {
  readonly #log: Pick<Log, 'warn'>;
  readonly #counts = new RefusalCounts();
  readonly #totals = new Map<ErrorCode, number>();

  constructor(log: Pick<Log, 'warn'>) {
    this.#log = log;
  }

  /** @param remote where the other side is */
  refused({ code, facts }: Pick<Refusal, 'code' | 'facts'>, remote: string): void {
    this.#totals.set(code, (this.#totals.get(code) ?? 0) + 1);
    if (this.#counts.take(code)) this.#log.warn({ ...facts, code, remote }, 'connection refused');
  }

  /** How many of each code there were since the start. */
  totals(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#totals);
  }

  /** Writes how many were left out of each code, and begins anew. To be called once a minute. */
  flush(): void {
    for (const [code, count] of this.#counts.takeLeftOut()) this.#log.warn({ code, count }, 'more connections were refused');
  }
}
