import { type ErrorCode, type Facts, pause, RefusalCounts, type Timers } from '@farola/shared';
import type { Log } from './log.js';

/** How often it is told how many refusals were left out of the log, ms. */
const FLUSH_MS = 60_000;

/** Writes what strangers are refused for to the log, as many of each code as `RefusalCounts` lets through. */
export class RefusalLog {
  readonly #log: Pick<Log, 'info' | 'warn'>;
  readonly #counts = new RefusalCounts();

  constructor(log: Pick<Log, 'info' | 'warn'>) {
    this.#log = log;
  }

  readonly refused = (code: ErrorCode, facts: Facts): void => {
    if (this.#counts.take(code)) this.#log.warn(code, facts);
  };

  /** Writes each minute until aborted, and then once more, how many were left out. */
  async run(timers: Timers, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(timers, FLUSH_MS, signal);
      for (const [code, count] of this.#counts.takeLeftOut()) this.#log.info({ code, count }, 'more refusals');
    }
  }
}
