import { spanOf } from '../profile/profile.js';
import type { Profile, RegisterSpan } from '../profile/profile.js';

/** One request: the registers it reads and the rows that it gives values to. */
export interface Block {
  readonly address: number;
  readonly count: number;
  /** Places of the rows in the profile. */
  readonly rows: readonly number[];
}

interface Item extends RegisterSpan {
  readonly row: number;
}

type Limits = Pick<Profile, 'maxRegisters' | 'evenCountOnly'>;

/**
 * The fewest requests that read all rows, merging across holes that cost less than a request. A row is never split,
 * a request never longer than the model allows, and even where the model wants it.
 */
export function planBlocks(profile: Profile): Block[] {
  const items = profile.rows.map((row, index) => ({ ...spanOf(row), row: index }));
  return merge(items, profile, profile.maxHoleBytes);
}

/** The same rows as this block reads, in requests without holes, for a model that refuses to read what it does not have. */
export function splitAtHoles(block: Block, profile: Profile): Block[] {
  return merge(itemsOf(block, profile), profile, 0);
}

/** The same rows in two halves, each without holes; one block alone when there is but one row. */
export function splitInHalf(block: Block, profile: Profile): Block[] {
  const items = itemsOf(block, profile);
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)].flatMap((half) => merge(half, profile, 0));
}

function itemsOf({ rows }: Block, profile: Profile): Item[] {
  return rows.flatMap((index) => {
    const row = profile.rows[index];
    return row ? [{ ...spanOf(row), row: index }] : [];
  });
}

function merge(items: Item[], limits: Limits, maxHoleBytes: number): Block[] {
  const blocks: Block[] = [];
  let current: Item[] = [];
  for (const item of items.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    if (current.length > 0 && !joins(current, item, limits, maxHoleBytes)) {
      blocks.push(blockOf(current, limits));
      current = [];
    }
    current.push(item);
  }
  if (current.length > 0) blocks.push(blockOf(current, limits));
  return blocks;
}

function joins(current: Item[], item: Item, limits: Limits, maxHoleBytes: number): boolean {
  const { from, to } = spanOfAll(current);
  const holeBytes = 2 * (item.from - to);
  return holeBytes <= maxHoleBytes && evened(Math.max(to, item.to) - from, limits) <= limits.maxRegisters;
}

function blockOf(items: Item[], limits: Limits): Block {
  const { from, to } = spanOfAll(items);
  const count = evened(to - from, limits);
  // At the very end of the register space the additional register is taken in front.
  return { address: Math.min(from, 0x10000 - count), count, rows: items.map((item) => item.row) };
}

function spanOfAll(items: Item[]): RegisterSpan {
  return { from: Math.min(...items.map((item) => item.from)), to: Math.max(...items.map((item) => item.to)) };
}

/** The number of registers that the model is asked for to get at least `count`. */
export function evened(count: number, limits: Pick<Profile, 'evenCountOnly'>): number {
  return limits.evenCountOnly && count % 2 === 1 ? count + 1 : count;
}
