import type { RegisterSpan } from '../profile/profile.js';
import type { Block } from './block.js';
import { spanOfBlock } from './block.js';
import type { PlanItem, PlanTerms } from './plan-terms.js';

/** A block that a device refused, and what was tried instead until its cause is found. */
interface Case extends RegisterSpan {
  readonly functionCode: 3 | 4;
  /** Registers between its rows, which are read along no more. */
  readonly holes: readonly RegisterSpan[];
  /** Addresses at which its rows are read apart. */
  readonly cuts: readonly number[];
}

/**
 * What a device taught by exceptions 2 and 3: illegal data address, illegal data value (Modbus application protocol V1.1b3,
 * section 7). It is a value; learning gives another one. It lasts for the run: a device that was exchanged or given a new
 * firmware is asked anew at the next start, which costs it a few refusals.
 */
export class PlanMemory {
  static readonly EMPTY = new PlanMemory([], []);
  /** Places of rows that the device does not have. */
  readonly absent: readonly number[];
  readonly #cases: readonly Case[];

  private constructor(cases: readonly Case[], absent: readonly number[]) {
    this.#cases = cases;
    this.absent = absent;
  }

  /** Registers that are not read along. */
  get holes(): readonly (RegisterSpan & { readonly functionCode: 3 | 4 })[] {
    return this.#cases.flatMap(({ functionCode, holes }) => holes.map((hole) => ({ ...hole, functionCode })));
  }

  /** Addresses that no request reads across, unless inside a row. */
  get cuts(): readonly { readonly at: number; readonly functionCode: 3 | 4 }[] {
    return this.#cases.flatMap(({ functionCode, cuts }) => cuts.map((at) => ({ at, functionCode })));
  }

  /**
   * After the refusal of a block: first it is read without its holes, then in halves, and a row that is refused alone is
   * absent. With that the cause is found, and what was tried around it is forgotten, so that its neighbours join again.
   */
  refused(block: Block, terms: PlanTerms): PlanMemory {
    const items = block.rows.flatMap((row) => terms.item(row) ?? []);
    const span = spanOfBlock(block);
    const at = this.#cases.findIndex(
      (one) => one.functionCode === block.functionCode && one.from <= span.from && span.to <= one.to,
    );
    const before = this.#cases[at] ?? { ...span, functionCode: block.functionCode, holes: [], cuts: [] };
    const others = this.#cases.filter((_, index) => index !== at);
    const holes = items.length > 1 ? holesBetween(items, block.functionCode, terms) : [];
    if (holes.length > 0) return new PlanMemory([...others, { ...before, holes: [...before.holes, ...holes] }], this.absent);
    const cut = middle(items);
    if (cut !== undefined) return new PlanMemory([...others, { ...before, cuts: [...before.cuts, cut] }], this.absent);
    return new PlanMemory(others, [...this.absent, ...block.rows]);
  }
}

/** Runs of registers between the rows that belong to none. */
function holesBetween(items: readonly PlanItem[], functionCode: 3 | 4, terms: PlanTerms): RegisterSpan[] {
  const holes: RegisterSpan[] = [];
  const last = Math.max(...items.map(({ to }) => to));
  for (let register = Math.min(...items.map(({ from }) => from)); register < last; register++) {
    if (terms.isKnown(register, functionCode)) continue;
    const from = register;
    while (register < last && !terms.isKnown(register, functionCode)) register++;
    holes.push({ from, to: register });
  }
  return holes;
}

/** The beginning of a row nearest to the middle that separates the rows; undefined when they cannot be read apart. */
function middle(items: readonly PlanItem[]): number | undefined {
  const starts = items.toSorted((a, b) => a.from - b.from || a.to - b.to).map(({ from }) => from);
  const separating = starts
    .map((at, index) => ({ at, off: Math.abs(index - Math.ceil(starts.length / 2)) }))
    .filter(({ at }) => items.some(({ to }) => to <= at) && !items.some(({ from, to }) => from < at && at < to));
  return separating.toSorted((a, b) => a.off - b.off)[0]?.at;
}
