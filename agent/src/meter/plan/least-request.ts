import { blockVariants } from './block-variants.js';
import type { Block } from './block.js';
import type { PlanTerms } from './plan-terms.js';

/**
 * The shortest request for a row, whose answer cannot be taken for one that is owed: what nothing answers costs the line no more than
 * it must. undefined when each could be.
 * @param owedCounts numbers of registers that may not be asked for
 */
export function leastRequest(terms: PlanTerms, owedCounts: (functionCode: 3 | 4) => ReadonlySet<number>): Block | undefined {
  let least: Block | undefined;
  for (const item of terms.items) {
    const whole = terms.request([item]);
    if (typeof whole === 'string' || (least && whole.count >= least.count)) continue;
    const way = blockVariants(whole, owedCounts(whole.functionCode), terms)?.[0];
    if (way && (!least || way.count < least.count)) least = way;
  }
  return least;
}
