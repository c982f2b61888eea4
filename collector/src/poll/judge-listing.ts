import { type OpenEpoch, sameBytes, toHex } from '@farola/shared';
import { type KnownLineage, type LineageFinding, spanMs, wentBack } from './judge-lineage.js';

/**
 * Holds the present epoch, as an answer lists it, against what is stored: an LCU that lists less than it delivered has
 * forgotten the rest, or another unit delivered that. Undefined when all is well, and where the list ends with another
 * epoch: then the LCU has begun a new one on this connection, and this one may have been salvaged in parts.
 * @param epoch the present one, as the hello told it
 * @param openEpochs of the answer, the newest last
 * @param known as it was before the answer
 */
export function judgeListing(
  epoch: Uint8Array,
  openEpochs: readonly OpenEpoch[],
  known: Pick<KnownLineage, 'holdingOf' | 'entryAt'>,
): LineageFinding | undefined {
  const [newest, , listed] = openEpochs.at(-1) ?? [];
  if (!newest || listed === undefined || !sameBytes(newest, epoch)) return undefined;
  const { last } = known.holdingOf(epoch);
  if (last <= listed) return undefined;
  return wentBack(epoch, { previous: toHex(epoch), n: listed }, spanMs(epoch, listed, last, known));
}
