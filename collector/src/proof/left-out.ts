import { timeOfFinding } from './proof-record.js';
import type { Finding } from './finding.js';

/** A place of the ledger that is not in what was made from it. */
export interface LeftOut {
  /** Of a row that is there and does not agree; null of what is gone, or cannot be read. */
  readonly key: number | null;
  /** Whose it is; null where that is not known. */
  readonly lcuNo: number | null;
  /** It was received before this wall time, or at it, ms. */
  readonly untilMs: number;
}

/**
 * Gathers from findings what is left out: each row that a finding names as damaged, whatever of it does not agree, what cannot be read, and what
 * is gone.
 */
export class LeftOutRows {
  readonly #numberOf: (lcuId: string) => number | undefined;
  readonly #rows = new Map<number, LeftOut>();
  readonly #places: LeftOut[] = [];

  /** @param numberOf the number of an LCU of this name */
  constructor(numberOf: (lcuId: string) => number | undefined) {
    this.#numberOf = numberOf;
  }

  /** Every place, each row once. */
  get all(): readonly LeftOut[] {
    return [...this.#rows.values(), ...this.#places];
  }

  /** Keys of the rows that are there and do not agree. */
  get keys(): ReadonlyMap<number, unknown> {
    return this.#rows;
  }

  add(finding: Finding): void {
    const { kind, key, lcu } = finding;
    const [, lastMs] = timeOfFinding(finding);
    const untilMs = Math.min(lastMs, Number.MAX_SAFE_INTEGER);
    const lcuNo = (lcu === undefined ? undefined : this.#numberOf(lcu)) ?? null;
    if (kind === 'damaged' && key !== undefined) this.#rows.set(key, { key, lcuNo, untilMs });
    // What tables tell of an LCU without a row, such as the head of a gap, has no samples.
    else if (kind === 'gone' || (kind === 'damaged' && lcu === undefined)) this.#places.push({ key: null, lcuNo, untilMs });
  }
}
