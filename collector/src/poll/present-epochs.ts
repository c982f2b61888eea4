import { type OpenEpoch, sameBytes } from '@farola/shared';
import type { Session } from './session.js';

interface Present {
  readonly epoch: Uint8Array;
  /** When the key that it answered with came into force, and from when on a release let it count; wall times, ms. */
  readonly keyFromMs: number;
  readonly releasedMs: number | null;
}

/** The epoch that an LCU is in: the newest that its answer lists, since it may begin one on a connection; else that of the hello. */
export function presentEpoch(openEpochs: readonly OpenEpoch[], { hello }: Pick<Session, 'hello'>): Uint8Array {
  return openEpochs.at(-1)?.[0] ?? hello.epoch;
}

/**
 * The epoch that each LCU was in when it delivered last. Each start of an agent begins an epoch, and ends the
 * one before: who delivers in an epoch that it had left is another unit with the same key, whatever its start entries name. What
 * came by another key, or before a person released it, is held against nobody. It is kept in memory: after a start of the
 * collector the next change back shows it.
 */
export class PresentEpochs {
  readonly #byLcu = new Map<number, Present>();

  /** Whether the LCU of a session was in another epoch when it delivered last. */
  isAnother({ lcu, keyFromMs, standing }: Session, epoch: Uint8Array): boolean {
    const before = this.#byLcu.get(lcu.lcuNo);
    if (before?.keyFromMs !== keyFromMs || before.releasedMs !== standing.fromEpochAfterMs) return false;
    return !sameBytes(before.epoch, epoch);
  }

  /** An answer of a session is stored that brought something. */
  delivered({ lcu, keyFromMs, standing }: Session, epoch: Uint8Array): void {
    const releasedMs = standing.fromEpochAfterMs;
    const before = this.#byLcu.get(lcu.lcuNo);
    const isSame = before?.keyFromMs === keyFromMs && before.releasedMs === releasedMs && sameBytes(before.epoch, epoch);
    if (!isSame) this.#byLcu.set(lcu.lcuNo, { epoch: Uint8Array.from(epoch), keyFromMs, releasedMs });
  }
}
