import type { Instant } from '@farola/shared';

/** Timers are not exact: what is short of a whole period by less than this share of it is one. */
const SLACK_SHARE = 1 / 4;

/**
 * When a row of the analyser table is to be read: at whole multiples of its period since 1970 on the wall clock. When that clock
 * is stepped, a boundary counts only when half a period has gone by on the monotonic clock since the last one, so that no period
 * is sampled twice. From boundary to boundary, that is: when they were looked for changes nothing.
 */
export class RowSchedule {
  readonly #periodMs: number;
  #boundaryMs: number;
  /** When the last boundary was that counts; at the begin the one before. */
  #lastMonoMs: number;

  /** @param now the first boundary is the next one */
  constructor(periodS: number, now: Instant) {
    this.#periodMs = periodS * 1_000;
    this.#boundaryMs = this.#after(now.wallMs);
    this.#lastMonoMs = this.#newestMonoMs(now);
  }

  /** Until the next boundary, ms. */
  waitMs({ wallMs }: Instant): number {
    return this.#boundaryMs - wallMs;
  }

  /** How many boundaries that count came since it was last asked: 0 or 1, and more when that was longer ago than a period. */
  passed({ wallMs, monoMs }: Instant): number {
    if (this.#boundaryMs - wallMs > this.#periodMs) this.#boundaryMs = this.#after(wallMs);
    if (wallMs < this.#boundaryMs) return 0;
    this.#boundaryMs = this.#after(wallMs);
    const newestMonoMs = this.#newestMonoMs({ wallMs, monoMs });
    const sinceMs = newestMonoMs - this.#lastMonoMs;
    if (sinceMs < this.#periodMs / 2) return 0;
    this.#lastMonoMs = newestMonoMs;
    return Math.max(1, Math.floor(sinceMs / this.#periodMs + SLACK_SHARE));
  }

  /** When the newest boundary was. */
  #newestMonoMs({ wallMs, monoMs }: Pick<Instant, 'wallMs' | 'monoMs'>): number {
    return monoMs - (wallMs - (this.#boundaryMs - this.#periodMs));
  }

  #after(wallMs: number): number {
    return (Math.floor(wallMs / this.#periodMs) + 1) * this.#periodMs;
  }
}
