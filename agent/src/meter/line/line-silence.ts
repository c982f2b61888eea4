import type { LineTiming } from './line-timing.js';

/** After a failure the line must be silent for this share of a timeout, */
const SILENCE_SHARE = 1 / 4;
/** and no longer than this, ms. */
export const SILENCE_MOST_MS = 100;
/** A line that has not fallen silent in this many timeouts is noisy. */
const TIMEOUTS_OF_NOISE = 3;

/**
 * How long a line must have been silent before a question: as its bus asks for, and longer while it is suspect, which is after a
 * failure and after bytes that answer nothing, since more of them may come.
 */
export class LineSilence {
  /** End of the last traffic, monotonic ms. */
  lastTrafficMs: number;
  readonly #timing: LineTiming;
  readonly #nowMs: () => number;
  #lastUnit: number | undefined;
  /** When the line became suspect; undefined while it is clean. */
  #suspectSinceMs: number | undefined;

  constructor(timing: LineTiming, nowMs: () => number) {
    this.#timing = timing;
    this.#nowMs = nowMs;
    this.lastTrafficMs = nowMs() - timing.gapMs;
  }

  /** Whether bytes may come that answer nothing. */
  get isSuspect(): boolean {
    return this.#suspectSinceMs !== undefined;
  }

  /** Whether it has been suspect for so long that it will not fall silent by itself. */
  get isNoisy(): boolean {
    const { timeoutMs } = this.#timing;
    return this.#suspectSinceMs !== undefined && this.#nowMs() - this.#suspectSinceMs > TIMEOUTS_OF_NOISE * timeoutMs;
  }

  /** How much longer it must be silent before a question to this unit, ms; 0 and less when it has been. */
  leftMs(unit: number): number {
    const { gapMs, unitGapMs, timeoutMs } = this.#timing;
    const usualMs = this.#lastUnit === undefined || this.#lastUnit === unit ? gapMs : unitGapMs;
    const suspectMs = this.isSuspect ? Math.min(SILENCE_MOST_MS, timeoutMs * SILENCE_SHARE) : 0;
    return this.lastTrafficMs + Math.max(usualMs, suspectMs) - this.#nowMs();
  }

  /** A question to this unit is on the wire until that moment. */
  asked(unit: number, untilMs: number): void {
    this.#lastUnit = unit;
    this.lastTrafficMs = untilMs;
  }

  /** Bytes came. */
  heard(): void {
    this.lastTrafficMs = this.#nowMs();
  }

  /** More may come that answers nothing. */
  suspect(): void {
    this.heard();
    this.#suspectSinceMs ??= this.lastTrafficMs;
  }

  /** Nothing disturbs the next question. */
  clear(): void {
    this.#suspectSinceMs = undefined;
  }
}
