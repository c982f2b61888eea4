import type { Profile, RegisterSpan } from '../profile/profile.js';
import { PlanTerms, spanOfAll } from './plan-terms.js';
import type { Refusals } from './plan-memory.js';

/** What a device refused, and what is done about it. */
export interface ToldRefusal extends RegisterSpan {
  readonly functionCode: 3 | 4;
  readonly exception: number;
  /** Quantities that are asked for no more; none where the registers are read in another way. */
  readonly quantities: readonly string[];
  /** Registers that are read along no more. */
  readonly holes: readonly RegisterSpan[];
  /** Addresses at which rows are read apart. */
  readonly cuts: readonly number[];
}

/** What of all that a device refused bears on the plan of these rows. */
export function toldRefusals(profile: Profile, { rows: refused, blocks }: Refusals, rows: readonly number[]): ToldRefusal[] {
  const terms = new PlanTerms(profile);
  const chosen = rows.flatMap((row) => terms.item(row) ?? []);
  const absent = refused.flatMap(({ row, exception }): ToldRefusal[] => {
    const item = chosen.find((one) => one.row === row);
    const { from, to, functionCode } = item ?? { from: 0, to: 0, functionCode: 3 };
    const quantities = profile.rows.slice(row, row + 1).map(({ quantity }) => quantity);
    return item ? [{ from, to, functionCode, exception, quantities, holes: [], cuts: [] }] : [];
  });
  const split = blocks.flatMap((block): ToldRefusal[] => {
    const of = chosen.filter(({ functionCode }) => functionCode === block.functionCode);
    const { from, to } = spanOfAll(of);
    return of.length > 0 && block.from < to && from < block.to ? [{ ...block, quantities: [] }] : [];
  });
  return [...absent, ...split];
}
