import type { Clock, Timer, Timers } from '@farola/shared';

/** Who waits for something that must come in time. */
export interface Waiter {
  /** It did not come. */
  expire(): void;
}

/** What waits for answers to polls, all for equally long: in the order in which it began, so that one timer does for all. */
export class Deadlines {
  /** How long is waited, ms. */
  readonly ms: number;
  readonly #clock: Clock;
  readonly #timers: Timers;
  /** When each has waited long enough, monotonic, ms; the first comes first. */
  readonly #dueMs = new Map<Waiter, number>();
  /** Fires when the first was due that waited as it was set. */
  #timer: Timer | undefined;

  constructor(clock: Clock, timers: Timers, ms: number) {
    this.#clock = clock;
    this.#timers = timers;
    this.ms = ms;
  }

  /** Lets one more wait. @param sinceMs now, on the monotonic clock */
  add(waiter: Waiter, sinceMs: number): void {
    this.#dueMs.set(waiter, sinceMs + this.ms);
    this.#timer ??= this.#timers.after(this.ms, () => this.#look());
  }

  /** It waits no more. */
  delete(waiter: Waiter): void {
    this.#dueMs.delete(waiter);
    if (this.#dueMs.size === 0) this.#setTimer(undefined);
  }

  #look(): void {
    const { monoMs } = this.#clock.now();
    for (const [waiter, dueMs] of this.#dueMs) {
      if (dueMs > monoMs) break;
      this.#dueMs.delete(waiter);
      waiter.expire();
    }
    const [nextMs] = this.#dueMs.values();
    this.#setTimer(nextMs === undefined ? undefined : this.#timers.after(nextMs - monoMs, () => this.#look()));
  }

  #setTimer(timer: Timer | undefined): void {
    this.#timer?.cancel();
    this.#timer = timer;
  }
}
