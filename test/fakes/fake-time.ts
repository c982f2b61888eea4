import type { Clock, ClockQuality, Instant, Timer, Timers } from '@farola/shared';

interface Pending {
  readonly dueMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Lets everything that is ready run: all microtasks, and input that has already arrived. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Clock and timers that stand still until a test moves them. Monotonic and wall clock advance together; `step` moves
 * the wall clock alone, as an NTP step or a technician does.
 */
export class FakeTime implements Clock, Timers {
  #monoMs: number;
  #wallMs: number;
  #order = 0;
  readonly #pending = new Set<Pending>();
  quality: ClockQuality = 'synchronised';

  /**
   * @param wallMs wall time at the start, ms since 1970 UTC
   * @param monoMs monotonic time at the start, ms since boot
   */
  constructor(wallMs: number = Date.UTC(2026, 10, 22, 18, 0, 0), monoMs = 1_000_000) {
    this.#wallMs = wallMs;
    this.#monoMs = monoMs;
  }

  now(): Instant {
    return { monoMs: this.#monoMs, wallMs: this.#wallMs, quality: this.quality };
  }

  after(delayMs: number, run: () => void): Timer {
    const entry: Pending = { dueMs: this.#monoMs + Math.max(0, delayMs), order: this.#order++, run };
    this.#pending.add(entry);
    return { cancel: () => void this.#pending.delete(entry) };
  }

  /** Timers that have neither fired nor been cancelled. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Moves both clocks by `ms`, firing timers in the order they are due and letting promises settle after each. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#monoMs + ms;
    await settle();
    for (let next = this.#nextUntil(untilMs); next !== undefined; next = this.#nextUntil(untilMs)) {
      this.#moveTo(next.dueMs);
      this.#pending.delete(next);
      next.run();
      await settle();
    }
    this.#moveTo(untilMs);
    await settle();
  }

  /** Moves the wall clock alone; negative goes back. */
  step(ms: number): void {
    this.#wallMs += ms;
  }

  #nextUntil(untilMs: number): Pending | undefined {
    let first: Pending | undefined;
    for (const entry of this.#pending) {
      if (entry.dueMs > untilMs) continue;
      if (!first || entry.dueMs < first.dueMs || (entry.dueMs === first.dueMs && entry.order < first.order)) first = entry;
    }
    return first;
  }

  #moveTo(monoMs: number): void {
    const byMs = Math.max(0, monoMs - this.#monoMs);
    this.#monoMs += byMs;
    this.#wallMs += byMs;
  }
}
