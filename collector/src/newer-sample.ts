import { sameBytes } from '@farola/shared';
import type { LatestSample } from './fleet/derived-state.js';

/** What the start entry of an epoch names as the epoch before; null or undefined where it names none, or is not here. */
export type PreviousOf = (epoch: Uint8Array) => Uint8Array | null | undefined;

/** Epochs that the line is followed back: an agent that ended more often between two live samples is told by the clock. */
const STEPS = 16;

/**
 * Whether the sample takes the place of the other, of the same LCU and analyser: in one epoch by number, else by the line
 * of epochs, since the wall clock of the collector may have gone back in between. Only where the line does not tell, the
 * later observation counts.
 */
export function isNewer(sample: LatestSample, than: LatestSample, previousOf: PreviousOf): boolean {
  if (sameBytes(sample.epoch, than.epoch)) return sample.n > than.n;
  if (follows(sample.epoch, than.epoch, previousOf)) return true;
  return observedAtMs(sample) > observedAtMs(than) && !follows(than.epoch, sample.epoch, previousOf);
}

function follows(epoch: Uint8Array, earlier: Uint8Array, previousOf: PreviousOf): boolean {
  let at = previousOf(epoch);
  for (let step = 1; at && step <= STEPS; step++) {
    if (sameBytes(at, earlier)) return true;
    at = previousOf(at);
  }
  return false;
}

function observedAtMs({ receivedAtMs, ageMs }: LatestSample): number {
  return receivedAtMs - ageMs;
}
