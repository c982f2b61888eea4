/**
 * Lets so many things through at once, and so many a second in the long run. Tokens come back with time alone, so that a
 * bucket costs nothing while nobody asks.
 */
export class TokenBucket {
  readonly #most: number;
  readonly #perMs: number;
  #tokens: number;
  #atMs: number;

  /**
   * @param most tokens of a full bucket, which it is at first
   * @param perSecond tokens that come back each second
   * @param monoMs monotonic time now, ms, as in every call
   */
  constructor(most: number, perSecond: number, monoMs: number) {
    this.#most = most;
    this.#perMs = perSecond / 1000;
    this.#tokens = most;
    this.#atMs = monoMs;
  }

  /** Takes one token; false when there is none. */
  take(monoMs: number): boolean {
    this.#refill(monoMs);
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** Whether nothing was taken that has not come back. */
  isFull(monoMs: number): boolean {
    this.#refill(monoMs);
    return this.#tokens >= this.#most;
  }

  #refill(monoMs: number): void {
    this.#tokens = Math.min(this.#most, this.#tokens + Math.max(0, monoMs - this.#atMs) * this.#perMs);
    this.#atMs = Math.max(this.#atMs, monoMs);
  }
}
