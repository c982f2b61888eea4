import { type PreviousEpoch, sameBytes } from '@farola/shared';

/** The epoch before, as a start entry names it: null when there was none, undefined while the start entry is not stored. */
export type PreviousOf = (epoch: Uint8Array) => PreviousEpoch | null | undefined;

/** Whether all of an epoch is stored up to the entry that a start entry names as its last, in the chain that ends so. */
export type IsWhole = (named: PreviousEpoch) => boolean;

/** How far an LCU's epochs were followed back, and what was found lacking on the way. */
export interface Owed {
  /** As start entries name them, oldest first. */
  readonly epochs: readonly PreviousEpoch[];
  /** The epoch that was come to, whose start entry tells the next. */
  readonly at: Uint8Array;
  /** Whether the walk has come to its end. */
  readonly settled: boolean;
  /** Epochs stored whole that it may still pass by; with none left it ends at the next one. */
  readonly passes: number;
  /** Where walks began before, that passed by what is whole: from there on it passes by none. */
  readonly walked: readonly Uint8Array[];
}

/** Epochs that are followed back at a time. */
const STEPS = 64;
/** Epochs that may be owed before the walk goes on: a start entry may name whatever an LCU likes. */
const OWED_LIMIT = 64;

/**
 * Follows start entries back as far as they are stored, and gathers the epochs of which the collector lacks something. An
 * LCU lists only what no ack covers; a collector that was restored from a backup finds here what it acknowledged and
 * lost. What was filled since is left out: an LCU may have restarted thousands of times. The walk ends at the first epoch
 * that is stored whole when it is come to, where it may pass by no more: what was before it was stored before; and at one that is
 * owed already, since a start entry may name whatever an LCU likes. Where as many are owed as are followed at a time, those that the LCU no
 * longer has make room.
 */
export function owedEpochs(owed: Owed, previousOf: PreviousOf, isWhole: IsWhole, isGone: (epoch: Uint8Array) => boolean): Owed {
  if (owed.settled && owed.epochs.length === 0) return owed;
  let { epochs, at, settled, passes } = owed;
  const { walked } = owed;
  const isFull = epochs.length >= OWED_LIMIT;
  while (epochs[0] && (isWhole(epochs[0]) || (isFull && isGone(epochs[0].epoch)))) epochs = epochs.slice(1);
  for (let step = 0; step < STEPS && !settled && epochs.length < OWED_LIMIT; step++) {
    const previous = previousOf(at);
    if (previous === undefined) break;
    const ends = [at, previous?.epoch];
    if (passes > 0 && walked.some((begun) => ends.some((end) => end && sameBytes(begun, end)))) passes = 0;
    if (previous === null || isIn(epochs, previous.epoch)) {
      settled = true;
    } else if (!isWhole(previous)) {
      epochs = [withOwnBytes(previous), ...epochs];
      at = previous.epoch;
    } else if (passes > 0) {
      passes--;
      at = previous.epoch;
    } else {
      settled = true;
    }
  }
  return { epochs, at, settled, passes, walked };
}

/** What was decoded shares the bytes of a whole start entry, which would all be kept. */
function withOwnBytes({ epoch, n, head }: PreviousEpoch): PreviousEpoch {
  return { epoch: Uint8Array.from(epoch), n, head: Uint8Array.from(head) };
}

function isIn(epochs: readonly PreviousEpoch[], epoch: Uint8Array): boolean {
  return epochs.some((one) => sameBytes(one.epoch, epoch));
}
