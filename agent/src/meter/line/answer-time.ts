/** Times that an analyser has taken count for this many answers, and then for as many again. */
const WINDOW = 32;
/** It may take so many times what it has taken lately, and so much beside. */
const TIMES = 4;
const BESIDE_MS = 50;
/** How much sooner the next look is when a look found an answer that was there already: twice as much each time, up to a half. */
const SOONER_SHARE = 1 / 16;
const SOONER_MOST_SHARE = 1 / 2;
const SOONER_LEAST_MS = 0.25;
/** How much later the next look is at most when an answer was not there yet: it may have been held up this once. */
const LATER_TIMES = 1.25;
const LATER_BESIDE_MS = 2;

/** What the time to answer is held between, ms. */
export interface AnswerTimeBounds {
  readonly leastMs: number;
  readonly mostMs: number;
}

/**
 * How long one analyser takes to answer, learned from its answers. The wait for an answer follows the slowest of the last
 * 32 to 64; each wait in vain doubles it. It never leaves its bounds, and starts at the longest.
 */
export class AnswerTime {
  readonly #bounds: AnswerTimeBounds;
  #slowestMs: number | undefined;
  #slowestBeforeMs = 0;
  #window: number[] = [];
  #usualMs: number | undefined;
  #patience = 1;
  #typicalMs: number | undefined;
  #soonerShare = SOONER_SHARE;

  constructor(bounds: AnswerTimeBounds) {
    this.#bounds = bounds;
  }

  /** How long an answer is waited for beside the time of the bytes on the wire, ms. */
  get timeoutMs(): number {
    const { leastMs, mostMs } = this.#bounds;
    if (this.#slowestMs === undefined) return mostMs;
    const slowestMs = Math.max(this.#slowestMs, this.#slowestBeforeMs);
    return Math.max(leastMs, Math.min(mostMs, (TIMES * slowestMs + BESIDE_MS) * this.#patience));
  }

  /** When it is worth looking for an answer, ms; 0 while nothing is known. */
  get typicalMs(): number {
    return this.#typicalMs ?? 0;
  }

  /** The median of the last 32 answers, taken anew after each 32, ms; undefined until there were as many. */
  get usualMs(): number | undefined {
    return this.#usualMs;
  }

  /**
   * An answer took so long, ms.
   * @param atFirstLook whether it was there when it was first looked for, and so may have been there before
   */
  answered(tookMs: number, atFirstLook: boolean): void {
    if (this.#window.length >= WINDOW) {
      this.#slowestBeforeMs = this.#slowestMs ?? 0;
      this.#slowestMs = undefined;
      this.#window = [];
    }
    this.#window.push(tookMs);
    if (this.#window.length === WINDOW) this.#usualMs = Math.min(median(this.#window), this.#bounds.mostMs);
    this.#slowestMs = Math.max(this.#slowestMs ?? 0, tookMs);
    this.#patience = Math.max(1, this.#patience / 2);
    this.#typicalMs = atFirstLook ? this.#sooner(tookMs) : this.#later(tookMs);
  }

  #sooner(tookMs: number): number {
    const beforeMs = Math.min(this.#typicalMs ?? tookMs, tookMs);
    const soonerMs = Math.max(SOONER_LEAST_MS, beforeMs * this.#soonerShare);
    this.#soonerShare = Math.min(SOONER_MOST_SHARE, 2 * this.#soonerShare);
    return Math.max(0, beforeMs - soonerMs);
  }

  #later(tookMs: number): number {
    this.#soonerShare = SOONER_SHARE;
    if (this.#typicalMs === undefined) return tookMs;
    return Math.min(tookMs, LATER_TIMES * this.#typicalMs + LATER_BESIDE_MS);
  }

  /** No answer came in time. */
  gaveUp(): void {
    if (this.timeoutMs < this.#bounds.mostMs) this.#patience *= 2;
  }
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
