import { sha256 } from '@farola/shared';

/**
 * How far into a round an LCU is polled, ms: a hash of its name, so that polls are spread evenly and an LCU keeps its
 * place for ever.
 */
export function offsetInRound(lcuId: string, roundMs: number): number {
  const digest = Buffer.from(sha256(Buffer.from(lcuId)));
  return Math.floor((digest.readUInt32BE(0) / 2 ** 32) * roundMs);
}

/** Time until a place in the round comes again, ms: above 0, at most one round. @param wallMs now */
export function untilNextPoll(offsetMs: number, roundMs: number, wallMs: number): number {
  const sinceLast = (wallMs - offsetMs) % roundMs;
  return roundMs - ((sinceLast + roundMs) % roundMs);
}
