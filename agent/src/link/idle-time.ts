/** Shortest idle time that is learned: below it pings would cost more than the polls, ms. */
const LEAST_MS = 30_000;
/** A dial that succeeds within this time of a loss shows that the network as such was there, ms. */
const SOON_MS = 120_000;
/** After so long without a loss the network is given another chance to bear more, ms. */
const TRUST_AFTER_MS = 86_400_000;

/**
 * How long a connection may be silent in this network. Many gateways forget a silent connection without a word: then even
 * a ping is not answered, and yet the next dial succeeds at once. Each such loss halves the time; each day without one
 * doubles it, up to the longest. Times are monotonic, ms.
 */
export class IdleTime {
  readonly #longestMs: number;
  #ms: number;
  #changedMs = 0;
  #lost: { readonly silentMs: number; readonly atMs: number } | undefined;

  /** @param longestMs what is borne until it is known better */
  constructor(longestMs: number) {
    this.#longestMs = longestMs;
    this.#ms = longestMs;
  }

  /** Silence after which a connection is pinged, ms. */
  ms(nowMs: number): number {
    if (this.#ms < this.#longestMs && nowMs - this.#changedMs >= TRUST_AFTER_MS) this.#change(2 * this.#ms, nowMs);
    return this.#ms;
  }

  /** A connection that was silent for so long no longer answered. */
  lost(silentMs: number, nowMs: number): void {
    this.#lost = { silentMs, atMs: nowMs };
  }

  /** A dial succeeded: so a loss just before was that of the connection alone, and not of the network. */
  dialled(nowMs: number): void {
    const lost = this.#lost;
    this.#lost = undefined;
    if (lost && nowMs - lost.atMs <= SOON_MS) this.#change(Math.floor(Math.min(this.#ms, lost.silentMs) / 2), nowMs);
  }

  #change(ms: number, nowMs: number): void {
    this.#ms = Math.min(this.#longestMs, Math.max(LEAST_MS, ms));
    this.#changedMs = nowMs;
  }
}
