import { ISLAND_LIMIT, type OpenEpoch, toHex, WANT, type Want } from '@farola/shared';
import type { EpochHolding } from '../ledger/epoch-holding.js';

/** What the collector holds of an epoch. */
export type HoldingOf = (epoch: Uint8Array) => EpochHolding;

/** First poll of a round: what is newest of the present epoch. */
export function wantNewest(epoch: Uint8Array, holdingOf: HoldingOf): Want {
  return [WANT.newest, epoch, holdingOf(epoch).last];
}

/** What has to be asked first of an epoch; undefined of most; `enough` where it was asked and told nothing (unit-chains.ts). */
export type WantTelling = (epoch: Uint8Array, first: number, last: number) => Want | 'enough' | undefined;

/**
 * The oldest range that the LCU says it holds and the collector lacks; undefined when nothing is missing.
 * @param inVain epochs that gave nothing in this round, in hexadecimal, and up to which entry they are not asked again in it
 */
export function wantMissing(
  openEpochs: readonly OpenEpoch[],
  holdingOf: HoldingOf,
  inVain: ReadonlyMap<string, number>,
  telling: WantTelling,
): Want | undefined {
  for (const [epoch, first, last] of openEpochs) {
    const upTo = inVain.size === 0 ? 0 : (inVain.get(toHex(epoch)) ?? 0);
    if (upTo >= last) continue;
    const from = Math.max(first, upTo + 1);
    const want = telling(epoch, from, last);
    if (want === 'enough') continue;
    if (want) return want;
    const gap = holdingOf(epoch).missing(from, last)[0];
    if (gap) return [WANT.range, epoch, gap.from - 1, gap.to + 1];
  }
  return undefined;
}

/** Whether one more island of this epoch would be too many: then holes are filled before anything newer is asked. */
export function islandsFull(epoch: Uint8Array, holdingOf: HoldingOf): boolean {
  return holdingOf(epoch).islandCount >= ISLAND_LIMIT;
}
