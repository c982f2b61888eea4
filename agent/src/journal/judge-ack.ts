import { sameBytes } from '@farola/shared';
import type { Ack } from '@farola/shared';
import type { EpochState } from './epoch-state.js';

/** What follows from an ack. */
export type AckJudgement =
  | AgreedAck
  /** Their h(n) is not ours: nothing may go, not even what was acknowledged before. */
  | { readonly agrees: false };
/** An ack of a head that is ours, or that is gone. */
export interface AgreedAck {
  readonly agrees: true;
  /** Entries up to here may go. */
  readonly acked: number;
  /** Whether it is at or beyond the end of the gap that is told. */
  readonly gapClosed: boolean;
  /** Whether the collector lacks entries that are gone and that no gap tells: they were acknowledged once. */
  readonly released: boolean;
}

/**
 * Judges one ack of an epoch that the journal has. The newest word counts: a lower n than before, from a collector
 * restored from its backup, makes what is above it unacknowledged again. An n whose entry is gone cannot be compared;
 * then all that is left counts as unacknowledged.
 * @param headAt h(n) of an entry with `floor < n <= last`; undefined when it is damaged, which counts as gone
 */
export function judgeAck(epoch: EpochState, [, n, theirs]: Ack, headAt: (n: number) => Uint8Array | undefined): AckJudgement {
  if (n > epoch.last) return { agrees: false };
  if (n < epoch.floor) {
    return { agrees: true, acked: epoch.floor, gapClosed: false, released: n + 1 < (epoch.gapFrom ?? Infinity) };
  }
  const ours = n === epoch.floor ? epoch.floorHead : headAt(n);
  if (!ours) return { agrees: true, acked: epoch.floor, gapClosed: false, released: false };
  return sameBytes(ours, theirs)
    ? { agrees: true, acked: n, gapClosed: epoch.gapFrom !== null, released: false }
    : { agrees: false };
}
