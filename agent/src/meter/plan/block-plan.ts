import type { Block } from './block.js';
import { requestMs, USUAL_COST } from './line-cost.js';
import type { LineCost } from './line-cost.js';
import type { PlanMemory } from './plan-memory.js';
import { PlanTerms } from './plan-terms.js';
import type { Obstacle, PlanItem, PlannedProfile } from './plan-terms.js';

/** Of two plans that take as long, as over TCP, the one that reads fewer registers: ms per register, far below what is measured. */
const TIE_MS = 1e-6;

/** What a plan is made for. */
export interface PlanWish {
  /** What requests cost on the line; that of a serial line of 9600 baud when it is not told. */
  readonly cost?: LineCost;
  /** What the device refused. */
  readonly memory?: PlanMemory;
  /** Places of the rows to read; all when it is not told. */
  readonly rows?: readonly number[];
}

/**
 * The requests that read all rows in the least time on this line: rows are read together across what lies between them where
 * that is cheaper than another request. No row is split, no request breaks the terms of the model. Rows that the device does
 * not have are not asked for.
 */
export function planBlocks(profile: PlannedProfile, wish: PlanWish = {}): Block[] {
  return planWithin(new PlanTerms(profile, wish.memory, wish.rows), wish.cost);
}

/** The same within terms that are known already. */
export function planWithin(terms: PlanTerms, cost: LineCost = USUAL_COST): Block[] {
  return ([3, 4] as const).flatMap((functionCode) => {
    const items = terms.items.filter((item) => item.functionCode === functionCode);
    const alone = items.filter((item) => item.alone).flatMap((item) => blockIn(terms.request([item])));
    const together = items.filter((item) => !item.alone);
    return [...alone, ...cheapest(together, terms, cost)].toSorted((a, b) => a.address - b.address);
  });
}

/** How the first items are best read. */
interface Best {
  readonly ms: number;
  readonly last?: Block;
  readonly before?: Best;
}

/**
 * Dynamic programming over rows in the order of their registers. A row whose registers lie within those of another is read
 * with that one at no cost; the others begin and end in one order, so that requests of a best plan need never interleave.
 */
function cheapest(items: readonly PlanItem[], terms: PlanTerms, cost: LineCost): Block[] {
  const { outer, inner } = nested(items);
  const best: Best[] = [{ ms: 0 }];
  for (let end = 1; end <= outer.length; end++) {
    let found: Best | undefined;
    for (let start = end - 1; start >= 0; start--) {
      const first = outer[start];
      const last = outer[end - 1];
      const before = best[start];
      if (!first || !last || !before || last.to - first.from > terms.maxRegisters) break;
      const run = outer.slice(start, end);
      const block = terms.request([...run, ...run.flatMap((item) => inner.get(item.row) ?? [])]);
      if (typeof block === 'string') continue;
      const ms = before.ms + requestMs(block.count, cost) + block.count * TIE_MS;
      if (!found || ms < found.ms) found = { ms, last: block, before };
    }
    // A row that no request can read any more stays out of the plan.
    best.push(found ?? best[end - 1] ?? { ms: 0 });
  }
  return blocksOf(best.at(-1));
}

function blocksOf(best: Best | undefined): Block[] {
  const blocks: Block[] = [];
  for (let one = best; one?.last; one = one.before) blocks.unshift(one.last);
  return blocks;
}

/** Rows that lie within no other, by their registers; and those that lie within one, by that row. */
function nested(items: readonly PlanItem[]): { outer: PlanItem[]; inner: ReadonlyMap<number, readonly PlanItem[]> } {
  const outer: PlanItem[] = [];
  const inner = new Map<number, PlanItem[]>();
  for (const item of items.toSorted((a, b) => a.from - b.from || b.to - a.to || a.row - b.row)) {
    const around = outer.at(-1);
    if (!around || item.to > around.to) outer.push(item);
    else inner.set(around.row, [...(inner.get(around.row) ?? []), item]);
  }
  return { outer, inner };
}

function blockIn(request: Block | Obstacle): Block[] {
  return typeof request === 'string' ? [] : [request];
}
