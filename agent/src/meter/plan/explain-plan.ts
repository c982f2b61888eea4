import type { Profile } from '../profile/profile.js';
import type { Block } from './block.js';
import { planWithin } from './block-plan.js';
import { requestBytes, requestMs, USUAL_COST } from './line-cost.js';
import type { LineCost } from './line-cost.js';
import type { PlanMemory } from './plan-memory.js';
import { PlanTerms } from './plan-terms.js';
import type { Obstacle, PlanItem } from './plan-terms.js';

/** Why a request ends where it does: what stands between it and the next one; `end` when there is none. */
export type WhyEnds = Obstacle | 'dearer' | 'function' | 'end';

/** One request of a plan, with what it costs. */
export interface PlannedRequest {
  readonly functionCode: 3 | 4;
  readonly address: number;
  readonly count: number;
  /** Quantities, by the registers. */
  readonly quantities: readonly string[];
  /** Registers that are read along and belong to none of the rows. */
  readonly holes: number;
  /** Of question and answer together. */
  readonly bytes: number;
  readonly ms: number;
  readonly ends: WhyEnds;
}

/** What a pass costs. */
export interface PlanTotal {
  readonly requests: number;
  readonly registers: number;
  readonly bytes: number;
  readonly ms: number;
}

/** A plan that says why it is as it is. */
export interface ExplainedPlan extends PlanTotal {
  readonly plan: readonly PlannedRequest[];
  /** The same rows with a request each. */
  readonly oneByOne: PlanTotal;
  /** The same rows, only neighbours together. */
  readonly adjacentOnly: PlanTotal;
  /** Quantities that the device refused. */
  readonly absent: readonly string[];
}

/**
 * Plans rows of a profile for a line, and tells what each request costs and why it ends where it does.
 * @param rows places of those to plan; all when it is not told
 */
export function explainPlan(
  profile: Profile,
  cost: LineCost = USUAL_COST,
  memory?: PlanMemory,
  rows: readonly number[] = [...profile.rows.keys()],
): ExplainedPlan {
  const terms = new PlanTerms(profile, memory, rows);
  const blocks = planWithin(terms, cost);
  const singles = terms.items.flatMap((item) => asBlock(terms.request([item])));
  // By a profile of these rows alone: of others nothing is read along. What was learned is told by the places of all rows.
  const own = { ...profile, rows: rows.flatMap((row) => profile.rows[row] ?? []), maxHoleRegisters: 0 };
  const neighbours = planWithin(new PlanTerms(own, own.rows.length === profile.rows.length ? memory : undefined), cost);
  const read = new Set(blocks.flatMap((block) => block.rows));
  const nameOf = (row: number): string => profile.rows[row]?.quantity ?? '';
  return {
    ...totalOf(blocks, cost),
    plan: blocks.map((block, index) => ({
      ...pick(block),
      quantities: byRegister(block, terms).map(({ row }) => nameOf(row)),
      holes: holesOf(block, terms),
      bytes: requestBytes(block.count),
      ms: requestMs(block.count, cost),
      ends: whyEnds(block, blocks[index + 1], terms),
    })),
    oneByOne: totalOf(singles, cost),
    adjacentOnly: totalOf(neighbours, cost),
    absent: rows.filter((row) => !read.has(row)).map(nameOf),
  };
}

function pick({ functionCode, address, count }: Block): Pick<Block, 'functionCode' | 'address' | 'count'> {
  return { functionCode, address, count };
}

function totalOf(blocks: readonly Block[], cost: LineCost): PlanTotal {
  return {
    requests: blocks.length,
    registers: sum(blocks.map(({ count }) => count)),
    bytes: sum(blocks.map(({ count }) => requestBytes(count))),
    ms: sum(blocks.map(({ count }) => requestMs(count, cost))),
  };
}

function whyEnds(block: Block, next: Block | undefined, terms: PlanTerms): WhyEnds {
  if (!next) return 'end';
  if (next.functionCode !== block.functionCode) return 'function';
  const items = [...byRegister(block, terms), ...byRegister(next, terms)];
  // What lies between the two decides; whether both fit into one request is asked last.
  const between = terms.request([...byRegister(block, terms).slice(-1), ...byRegister(next, terms).slice(0, 1)]);
  if (typeof between === 'string' && between !== 'limit') return between;
  const joined = terms.request(items);
  if (typeof joined !== 'string') return 'dearer';
  return joined;
}

function byRegister(block: Block, terms: PlanTerms): PlanItem[] {
  return block.rows.flatMap((row) => terms.item(row) ?? []).toSorted((a, b) => a.from - b.from || a.to - b.to);
}

function holesOf({ functionCode, address, count }: Block, terms: PlanTerms): number {
  const registers = Array.from({ length: count }, (_, index) => address + index);
  const ofRows = terms.items.filter((item) => item.functionCode === functionCode);
  return registers.filter((register) => !ofRows.some(({ from, to }) => from <= register && register < to)).length;
}

function asBlock(request: Block | Obstacle): Block[] {
  return typeof request === 'string' ? [] : [request];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
