import type { LineCost } from './line-cost.js';
import { PlanMemory } from './plan-memory.js';

/** What was learned is taken when it is so much more or less than what requests are planned by. */
const OTHERWISE_TIMES = 1.25;
const OTHERWISE_MS = 1;

/** Where a plan gets its costs. */
export interface PlanBasisOptions {
  /** @param learnedMs what the analyser takes to answer, as far as it is learned */
  readonly costOf: (learnedMs: number | undefined) => LineCost;
  /** What the line has learned lately; undefined while that is not enough. */
  readonly learnedMs?: () => number | undefined;
}

/**
 * What the requests to one analyser are planned by: what they cost, and what the device refused. The readers of its scan groups share it,
 * so that what one of them was taught is taught once. Cost and memory are values: who planned by others plans anew.
 */
export class PlanBasis {
  memory = PlanMemory.EMPTY;
  readonly #options: PlanBasisOptions;
  #learnedMs: number | undefined;
  #cost: LineCost;

  constructor(options: PlanBasisOptions) {
    this.#options = options;
    this.#cost = options.costOf(undefined);
  }

  get cost(): LineCost {
    return this.#cost;
  }

  /** The learned answer time that the cost is made of, ms; undefined as long as it is made of none. */
  get learnedMs(): number | undefined {
    return this.#learnedMs;
  }

  /**
   * Takes what the line has learned since, where it differs enough that another plan may be worth it. Called between readings: within one
   * nothing is planned by another cost.
   */
  refresh(): void {
    const { costOf, learnedMs } = this.#options;
    const lately = learnedMs?.();
    if (lately === undefined || !isOtherwise(lately, this.#learnedMs)) return;
    this.#learnedMs = lately;
    this.#cost = costOf(lately);
  }
}

function isOtherwise(ms: number, beforeMs: number | undefined): boolean {
  if (beforeMs === undefined) return true;
  const [less, more] = [Math.min(ms, beforeMs), Math.max(ms, beforeMs)];
  return more > OTHERWISE_TIMES * less && more - less > OTHERWISE_MS;
}
