/** After so many readings in a row that nothing answered, an analyser is left alone. */
const FAILURES = 2;
/** Pauses between two probes: doubled after each in vain. */
const PAUSE_LEAST_MS = 1_000;
const PAUSE_MOST_MS = 30_000;
/** A pause is up to this share longer, so that analysers that died together are not probed together. */
const JITTER_SHARE = 1 / 4;

/** What may be asked of an analyser now. */
export type Permission = 'everything' | 'one-question' | 'nothing';

/** What a breaker works with. */
export interface BreakerOptions {
  /** Monotonic ms. */
  readonly nowMs: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/**
 * Keeps a dead analyser from costing its line a timeout for each question. It opens when two readings in a row were not
 * answered. From then on one short question is allowed now and then; the first answer closes it.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  #failures = 0;
  #pauseMs = 0;
  #nextProbeMs = 0;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /** Whether the analyser is left alone but for probes. */
  get isOpen(): boolean {
    return this.#failures >= FAILURES;
  }

  /** Whether nothing answered the last reading, or probe. */
  get isSilent(): boolean {
    return this.#failures > 0;
  }

  /** Until the next probe, ms; 0 when one is due, or none is needed. */
  get waitMs(): number {
    return this.isOpen ? Math.max(0, this.#nextProbeMs - this.#options.nowMs()) : 0;
  }

  /** What may be asked now. */
  permission(): Permission {
    if (!this.isOpen) return 'everything';
    return this.waitMs > 0 ? 'nothing' : 'one-question';
  }

  /** It answered something. */
  answered(): void {
    this.#failures = 0;
    this.#pauseMs = 0;
  }

  /** A reading, or a probe, was not answered. */
  failed(): void {
    this.#failures++;
    if (!this.isOpen) return;
    this.#pauseMs = Math.min(PAUSE_MOST_MS, this.#pauseMs === 0 ? PAUSE_LEAST_MS : 2 * this.#pauseMs);
    this.#nextProbeMs = this.#options.nowMs() + this.#pauseMs * (1 + JITTER_SHARE * this.#options.random());
  }
}
