import type { Timer, Timers } from '@farola/shared';

/**
 * The deadline of one question after the other. Most questions are answered long before it: the timer beneath is left to run, and set
 * anew only when it ends before the deadline of then. To arm one for each question would cost a twentieth of a question over TCP.
 */
export class Deadline {
  readonly #timers: Timers;
  readonly #nowMs: () => number;
  #timer: Timer | undefined;
  #endsAtMs = 0;
  #dueAtMs = 0;
  #whenOver: (() => void) | undefined;

  /** @param nowMs the monotonic clock in ms, with fractions */
  constructor(timers: Timers, nowMs: () => number) {
    this.#timers = timers;
    this.#nowMs = nowMs;
  }

  /** Calls back after so long, ms, unless it is met or set again before. */
  set(afterMs: number, whenOver: () => void): void {
    this.#dueAtMs = this.#nowMs() + afterMs;
    this.#whenOver = whenOver;
    if (this.#timer && this.#endsAtMs <= this.#dueAtMs) return;
    this.#timer?.cancel();
    this.#arm(afterMs);
  }

  /** There is none any more, until it is set again. */
  met(): void {
    this.#whenOver = undefined;
  }

  /** As `met`, and releases the timer. */
  close(): void {
    this.met();
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(afterMs: number): void {
    this.#endsAtMs = this.#nowMs() + afterMs;
    this.#timer = this.#timers.after(afterMs, () => this.#ended());
  }

  #ended(): void {
    this.#timer = undefined;
    const whenOver = this.#whenOver;
    if (!whenOver) return;
    const leftMs = this.#dueAtMs - this.#nowMs();
    if (leftMs > 0) return this.#arm(leftMs);
    this.#whenOver = undefined;
    whenOver();
  }
}
