import { type Clock, type Instant, systemClock, systemTimers, type Timer, type Timers } from '@farola/shared';

interface Armed {
  readonly dueMs: number;
  readonly real: Timer;
  readonly run: () => void;
  over: boolean;
}

/**
 * Time as rounds see it that go by as fast as polls are answered. Each timer is armed for real, and does nothing when its
 * time comes: the bench fires what is due first, and the wall clock stands at the time of what was fired last. So a round takes its five minutes
 * by that clock, LCUs come in the order of a round, and their keys come to the ledger, as they do in use.
 */
export class BenchTime implements Clock, Timers {
  readonly #clock = systemClock();
  /** By when they are due; those before `#next` are over. */
  #armed: Armed[] = [];
  #next = 0;
  #wallMs = this.#clock.now().wallMs;

  now(): Instant {
    const { monoMs, quality } = this.#clock.now();
    return { monoMs, wallMs: this.#wallMs, quality };
  }

  after(delayMs: number, run: () => void): Timer {
    const real = systemTimers.after(delayMs, () => undefined);
    const timer: Armed = { dueMs: this.#wallMs + delayMs, real, run, over: false };
    let at = this.#armed.length;
    while (at > this.#next && (this.#armed[at - 1] as Armed).dueMs > timer.dueMs) at--;
    this.#armed.splice(at, 0, timer);
    return { cancel: () => end(timer) };
  }

  /** Fires the timer that is due first. RangeError when none is armed. */
  fireNext(): void {
    for (;;) {
      const timer = this.#armed[this.#next++];
      if (!timer) throw new RangeError('no timer is armed');
      if (!timer.over) return this.#fire(timer);
    }
  }

  #fire(timer: Armed): void {
    end(timer);
    this.#wallMs = Math.max(this.#wallMs, timer.dueMs);
    if (this.#next > this.#armed.length / 2) this.#forgetThoseOver();
    timer.run();
  }

  #forgetThoseOver(): void {
    this.#armed = this.#armed.slice(this.#next);
    this.#next = 0;
  }
}

function end(timer: Armed): void {
  timer.real.cancel();
  timer.over = true;
}
