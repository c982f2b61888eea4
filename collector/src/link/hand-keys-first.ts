import { FarolaError } from '@farola/shared';
import type { Channel, DialLcu, DialTarget } from './channel.js';

/** What bringing keys to LCUs that wait to be dialled needs. */
export interface HandKeysFirstDeps {
  /** Whether this LCU is not known to go by the newest statement. */
  readonly isNeeded: (target: DialTarget) => boolean;
  /** Opens a connection for a keys statement. */
  readonly dialKeys: DialLcu;
  /** Hands the statement over. Resolves when the connection is closed. */
  readonly hand: (channel: Channel) => Promise<void>;
}

/**
 * Dials as `dial`, after the newest keys statement was brought where the LCU may lack it: it would not believe a hello of a key
 * that it does not know, and cannot come to ask.
 */
export function handKeysFirst(dial: DialLcu, { isNeeded, dialKeys, hand }: HandKeysFirstDeps): DialLcu {
  return async (target, opened, signal) => {
    if (isNeeded(target)) {
      let closed: Promise<void> | undefined;
      try {
        await dialKeys(
          target,
          (channel) => {
            closed = hand(channel);
          },
          signal,
        );
        await closed;
      } catch (error) {
        // An LCU that takes no such connection may know our keys all the same.
        if (!(error instanceof FarolaError) || error.code !== 'lcu-unreachable') throw error;
      }
    }
    return dial(target, opened, signal);
  };
}
