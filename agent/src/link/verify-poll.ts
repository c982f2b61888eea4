import { openSigned, POLL, refuse, sameBytes } from '@farola/shared';
import type { Poll, Result, Verify } from '@farola/shared';
import type { CollectorKeys } from './verify-hello.js';

/** What a poll on this connection must carry. */
export interface PollContext extends CollectorKeys {
  readonly lcuId: string;
  /** The nonce that we drew for this connection. */
  readonly lcuNonce: Uint8Array;
  /** Protocol version of this connection, as our hello-answer said it. */
  readonly version: number;
  /** Of the last good poll of this connection; 0 before the first. */
  readonly lastPollId: number;
}

/**
 * Judges a signed poll: by the collector's poll key, from our collector, for this LCU, for this connection, and newer
 * than the one before, in its version. Refuses with the codes of `openSigned`, `version-unknown`, `collector-mismatch`, `poll-for-another`,
 * `poll-nonce-foreign` or `poll-repeated`.
 */
export function verifyPoll(signed: Uint8Array, context: PollContext, verify: Verify): Result<Poll> {
  const opened = openSigned(POLL, signed, context.pollKeys, verify);
  if (!opened.ok) return opened;
  const { collectorId, lcuId, lcuNonce, pollId, version } = opened.value;
  const { lastPollId } = context;
  if (collectorId !== context.collectorId) {
    return refuse('collector-mismatch', { named: collectorId, collector: context.collectorId });
  }
  if (version !== context.version) return refuse('version-unknown', { version, known: context.version });
  if (lcuId !== context.lcuId) return refuse('poll-for-another', { named: lcuId, lcu: context.lcuId });
  if (!sameBytes(lcuNonce, context.lcuNonce)) return refuse('poll-nonce-foreign');
  if (pollId <= lastPollId) return refuse('poll-repeated', { pollId, last: lastPollId });
  return opened;
}
