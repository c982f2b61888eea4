import type { Block } from './block.js';
import type { PlanItem, PlanTerms } from './plan-terms.js';
import { spanOfAll } from './plan-terms.js';

/**
 * Requests that read the rows of a block, none of which asks for a forbidden number of registers: an RTU answer does not say
 * which registers it carries, but it does say how many. In this order: the block as it is, where its number is free; longer by
 * registers of other rows; in two or more requests; longer by registers that no row names, which the model may refuse.
 * undefined when there is no such way: one has to wait until a late answer can no longer come.
 */
export function blockVariants(block: Block, forbidden: ReadonlySet<number>, terms: PlanTerms): Block[] | undefined {
  if (!forbidden.has(block.count)) return [block];
  const items = block.rows.flatMap((row) => terms.item(row) ?? []);
  const longer = padded(items, block, forbidden, terms, true);
  if (longer) return [longer];
  return inPieces(items, block, forbidden, terms) ?? wrapped(padded(items, block, forbidden, terms, false));
}

function wrapped(block: Block | undefined): Block[] | undefined {
  return block && [block];
}

/** The shortest request around these rows of an allowed length; of those the one that begins where the rows do, if it may. */
function padded(
  items: readonly PlanItem[],
  { functionCode }: Pick<Block, 'functionCode'>,
  forbidden: ReadonlySet<number>,
  terms: PlanTerms,
  knownOnly: boolean,
): Block | undefined {
  if (items.some(({ alone }) => alone)) return undefined;
  const { from, to } = spanOfAll(items);
  for (let count = to - from; count <= terms.maxRegisters; count++) {
    if (forbidden.has(count)) continue;
    for (let address = from; address >= to - count; address--) {
      const span = { from: address, to: address + count };
      const added = [...range(span.from, from), ...range(to, span.to)];
      if (knownOnly && !added.every((register) => terms.isKnown(register, functionCode))) continue;
      if (!knownOnly && !terms.readsAlong(span, functionCode)) continue;
      if (terms.obstacle(span, functionCode)) continue;
      return { functionCode, address, count, rows: items.map(({ row }) => row) };
    }
  }
  return undefined;
}

/** How the first rows are read in the fewest requests. */
interface Pieces {
  readonly blocks: readonly Block[];
  readonly registers: number;
}

/** The rows in the fewest requests of allowed lengths, and of those the ones that read the fewest registers. */
function inPieces(
  items: readonly PlanItem[],
  block: Pick<Block, 'functionCode'>,
  forbidden: ReadonlySet<number>,
  terms: PlanTerms,
): Block[] | undefined {
  const sorted = items.toSorted((a, b) => a.from - b.from || a.to - b.to);
  const best: (Pieces | undefined)[] = [{ blocks: [], registers: 0 }];
  for (let end = 1; end <= sorted.length; end++) {
    const ways = sorted.slice(0, end).flatMap((_, start): Pieces[] => {
      const before = best[start];
      const piece = before && allowed(sorted.slice(start, end), block, forbidden, terms);
      return piece ? [{ blocks: [...before.blocks, piece], registers: before.registers + piece.count }] : [];
    });
    best.push(ways.toSorted((a, b) => a.blocks.length - b.blocks.length || a.registers - b.registers)[0]);
  }
  const all = best.at(-1);
  return all && [...all.blocks];
}

function allowed(
  items: readonly PlanItem[],
  block: Pick<Block, 'functionCode'>,
  forbidden: ReadonlySet<number>,
  terms: PlanTerms,
): Block | undefined {
  const whole = terms.request(items);
  if (typeof whole === 'string') return undefined;
  return forbidden.has(whole.count) ? padded(items, block, forbidden, terms, true) : whole;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}
