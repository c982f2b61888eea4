import { sameBytes } from '@farola/shared';
import type { Ack } from '@farola/shared';
import type { EpochState } from './epoch-state.js';

/** What follows from an ack. */
export type AckJudgement =
  /** Entries up to `acked` may go; a gap is `closed` when the ack is at or beyond its end. */
  | { readonly agrees: true; readonly acked: number; readonly gapClosed: boolean }
  /** Their h(n) is not ours: nothing may go. */
  | { readonly agrees: false };

/**
 * Judges one ack of an epoch that the journal has. The newest word counts: a lower n than before, from a collector
 * restored from its backup, makes what is above it unacknowledged again. An n whose entry is gone cannot be compared;
 * then all that is left counts as unacknowledged.
 * @param headAt h(n) of an entry with `floor < n <= last`; undefined when it is damaged, which counts as gone
 */
export function judgeAck(epoch: EpochState, [, n, theirs]: Ack, headAt: (n: number) => Uint8Array | undefined): AckJudgement {
  if (n > epoch.last) return { agrees: false };
  if (n < epoch.floor) return { agrees: true, acked: epoch.floor, gapClosed: false };
  const ours = n === epoch.floor ? epoch.floorHead : headAt(n);
  if (!ours) return { agrees: true, acked: epoch.floor, gapClosed: false };
  return sameBytes(ours, theirs) ? { agrees: true, acked: n, gapClosed: epoch.gapFrom !== null } : { agrees: false };
}
