import type { Check } from './check.js';
import { type LatestValues, SAME_MOMENT_MS } from './measures.js';

/** How often in a row, and how long, what may be a load that was just switched must disagree. */
export interface Patience {
  readonly readings: number;
  readonly ms: number;
}

/**
 * Of a panel that runs. A lamp that is switched between two requests spoils one reading: five in a row, and a minute, are something else.
 */
export const USUAL_PATIENCE: Patience = { readings: 5, ms: 60_000 };

/** So many times the patience is had with a load that moves from each reading to the next: it disagrees by chance, and often in a row. */
const RESTLESS = 6;

/**
 * Follows one check from reading to reading. What one request read of a load that stayed as it was counts at once; what different
 * requests read, or of a load that moved since, must disagree as long as the patience says.
 */
export class Agreement {
  readonly check: Check;
  readonly #patience: Patience;
  readonly #compared: readonly number[];
  /** How often in a row they disagreed, and how often of these the load was as before. */
  #times = 0;
  #still = 0;
  #sinceMs = 0;

  constructor(check: Check, patience: Patience) {
    this.check = check;
    this.#patience = patience;
    this.#compared = [...check.ids, ...(check.beside ?? [])];
  }

  /** Takes in that some of the values are new. Whether they are to be marked. */
  isBroken(values: LatestValues): boolean {
    let first = Infinity;
    let last = -Infinity;
    let hasMoved = false;
    for (const id of this.#compared) {
      const atMs = values.atMs(id);
      first = Math.min(first, atMs);
      last = Math.max(last, atMs);
      hasMoved ||= values.hasMoved(id);
    }
    if (!(last - first <= SAME_MOMENT_MS)) return false;
    const agree = this.check.agree(values);
    if (agree !== false) {
      this.#times = this.#still = 0;
      return false;
    }
    if (this.#compared.length === 1 || (first === last && !hasMoved)) return true;
    this.#times++;
    if (!hasMoved || this.#times === 1) this.#still++;
    if (this.#times === 1) this.#sinceMs = last;
    const { readings, ms } = this.#patience;
    return (this.#still >= readings || this.#times >= RESTLESS * readings) && last - this.#sinceMs >= ms;
  }
}
