import type { RegisterSpan } from '../profile/profile.js';
import type { Block } from './block.js';
import { spanOfBlock } from './block.js';
import type { PlanItem, PlanTerms } from './plan-terms.js';

/** A block that a device refused, and what was tried instead until its cause is found. */
export interface RefusedBlock extends RegisterSpan {
  readonly functionCode: 3 | 4;
  /** With which exception it was refused last. */
  readonly exception: number;
  /** Registers between its rows, which are read along no more. */
  readonly holes: readonly RegisterSpan[];
  /** Addresses at which its rows are read apart. */
  readonly cuts: readonly number[];
}

/** A row that was refused by itself. */
export interface RefusedRow {
  /** Its place in the profile. */
  readonly row: number;
  readonly exception: number;
}

/** All that a device refused, as a status tells it. */
export interface Refusals {
  readonly rows: readonly RefusedRow[];
  readonly blocks: readonly RefusedBlock[];
}

/**
 * What a device taught by exceptions 2 and 3: illegal data address, illegal data value (Modbus application protocol V1.1b3,
 * section 7). It is a value; learning gives another one. It lasts for the run: a device that was exchanged or given a new
 * firmware is asked anew at the next start, which costs it a few refusals.
 */
export class PlanMemory {
  static readonly EMPTY = new PlanMemory({ rows: [], blocks: [] });
  readonly refusals: Refusals;

  /** @param refusals of before */
  constructor(refusals: Refusals) {
    this.refusals = refusals;
  }

  /** Places of rows that the device does not have. */
  get absent(): readonly number[] {
    return this.refusals.rows.map(({ row }) => row);
  }

  /** Registers that are not read along. */
  get holes(): readonly (RegisterSpan & { readonly functionCode: 3 | 4 })[] {
    return this.refusals.blocks.flatMap(({ functionCode, holes }) => holes.map((hole) => ({ ...hole, functionCode })));
  }

  /** Addresses that no request reads across, unless inside a row. */
  get cuts(): readonly { readonly at: number; readonly functionCode: 3 | 4 }[] {
    return this.refusals.blocks.flatMap(({ functionCode, cuts }) => cuts.map((at) => ({ at, functionCode })));
  }

  /**
   * After the refusal of a block: first it is read without its holes, then in halves, and a row that is refused alone is
   * absent. With that the cause is found, and what was tried around it is forgotten, so that its neighbours join again.
   */
  refused(block: Block, terms: PlanTerms, exception: number): PlanMemory {
    const { rows, blocks } = this.refusals;
    const items = block.rows.flatMap((row) => terms.item(row) ?? []);
    const span = spanOfBlock(block);
    const at = blocks.findIndex((one) => one.functionCode === block.functionCode && one.from <= span.from && span.to <= one.to);
    const known = blocks[at] ?? { ...span, functionCode: block.functionCode, holes: [], cuts: [] };
    const before = { ...known, exception };
    const others = blocks.filter((_, index) => index !== at);
    const holes = items.length > 1 ? holesBetween(items, block.functionCode, terms) : [];
    if (holes.length > 0) return new PlanMemory({ rows, blocks: [...others, { ...before, holes: [...before.holes, ...holes] }] });
    const cut = middle(items);
    if (cut !== undefined) return new PlanMemory({ rows, blocks: [...others, { ...before, cuts: [...before.cuts, cut] }] });
    return new PlanMemory({ rows: [...rows, ...block.rows.map((row) => ({ row, exception }))], blocks: others });
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
