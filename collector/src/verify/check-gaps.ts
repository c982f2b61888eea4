import { type Answer, refuse, type Refusal, sameBytes, toHex } from '@farola/shared';

/**
 * Each gap is of an epoch that the same answer lists, and ends with its last entry or before: what nobody ever made cannot
 * be gone, and a collector that believed it would never ask for the entries that get those numbers. Code: `gap-beyond-end`.
 */
export function checkGaps({ gaps, openEpochs }: Pick<Answer, 'gaps' | 'openEpochs'>): Refusal | undefined {
  for (const [epoch, from, to] of gaps) {
    const last = openEpochs.find(([listed]) => sameBytes(listed, epoch))?.[2] ?? 0;
    if (to > last) return refuse('gap-beyond-end', { epoch: toHex(epoch), from, to, last });
  }
  return undefined;
}
