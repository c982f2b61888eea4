import { setImmediate } from 'node:timers/promises';
import type { Clock, Instant, Timer, Timers } from '@farola/shared';

interface Due {
  readonly dueMs: number;
  readonly run: () => void;
}

/** Turns of the loop in which work may go on before time does: promises, and files that are read. */
const TURNS = 3;

/** Time that goes on when nothing is left to do: a recording of hours is played in moments, and always in the same order. */
export class VirtualTime implements Clock, Timers {
  #nowMs = 0;
  readonly #due = new Set<Due>();

  now(): Instant {
    return { monoMs: this.#nowMs, wallMs: this.#nowMs, quality: 'none' };
  }

  after(delayMs: number, run: () => void): Timer {
    const due = { dueMs: this.#nowMs + Math.max(0, delayMs), run };
    this.#due.add(due);
    return { cancel: () => void this.#due.delete(due) };
  }

  /** Lets time go on until the work is done; gives its outcome. */
  async run<T>(work: Promise<T>): Promise<T> {
    const state = { isOver: false };
    const over = (): void => void (state.isOver = true);
    work.then(over, over);
    for (;;) {
      for (let turn = 0; turn < TURNS; turn++) await setImmediate();
      if (state.isOver) return work;
      const next = [...this.#due].toSorted((a, b) => a.dueMs - b.dueMs)[0];
      if (!next) continue;
      this.#due.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.run();
    }
  }
}
