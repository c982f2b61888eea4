import { FarolaError } from '@farola/shared';

/** Waits between attempts to open a line: doubled after each failure. */
const WAIT_MIN_MS = 1_000;
const WAIT_MAX_MS = 30_000;

/** Remembers why a line could not be opened, and how long nobody shall try again. Times are monotonic ms. */
export class OpeningWait {
  #failed: { readonly error: FarolaError; readonly waitMs: number; readonly untilMs: number } | undefined;

  /** @throws FarolaError that of the last failure, until its wait is over */
  check(nowMs: number): void {
    if (this.#failed && nowMs < this.#failed.untilMs) {
      const { code, facts } = this.#failed.error;
      throw new FarolaError(code, facts);
    }
  }

  /** The line could not be opened. */
  failed(error: FarolaError, nowMs: number): void {
    const waitMs = Math.min(this.#failed ? this.#failed.waitMs * 2 : WAIT_MIN_MS, WAIT_MAX_MS);
    this.#failed = { error, waitMs, untilMs: nowMs + waitMs };
  }

  /** The line is open. */
  over(): void {
    this.#failed = undefined;
  }
}
