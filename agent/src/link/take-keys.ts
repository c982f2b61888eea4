import { type AsyncSigner, encodeFrame, KEYS_TAKEN, KINDS, type Result, signMessageAsync } from '@farola/shared';
import type { TrustedKeys } from '../trust/trusted-keys.js';

/** Port of trust: the statement in force, and how another comes into force. */
export type KeysInForce = Pick<TrustedKeys, 'keys' | 'hash' | 'take'>;

/** What confirming works with. */
export interface TakeKeysDeps {
  readonly lcuId: string;
  readonly signer: AsyncSigner;
  readonly trusted: KeysInForce;
}

/**
 * Takes a statement that the collector hands over, and gives the signed frame that says which one this LCU goes by now: also
 * where that is a newer one, so that a collector that was restored from an old backup learns of it. Refuses with the codes of
 * `openKeys` what the root key did not sign. @throws FarolaError when it cannot be kept, or not be signed
 */
export async function takeKeys(signed: Uint8Array, { lcuId, signer, trusted }: TakeKeysDeps): Promise<Result<Uint8Array>> {
  const taken = await trusted.take(signed);
  if (!taken.ok && taken.code !== 'keys-older') return taken;
  const { version, collectorId, sequence } = trusted.keys;
  const message = { version, lcuId, collectorId, sequence, keysHash: trusted.hash };
  return { ok: true, value: encodeFrame(KINDS.keysTaken.number, await signMessageAsync(KEYS_TAKEN, message, signer)) };
}
