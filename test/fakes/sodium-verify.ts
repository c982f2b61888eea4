import { createRequire } from 'node:module';
import { sodiumVerify as loadVerify } from '@farola/collector/trust/sodium-signer.js';
import type { Verify } from '@farola/shared';

const sodium = createRequire(import.meta.url)('sodium-native') as {
  crypto_core_ed25519_is_valid_point(point: Buffer): boolean;
};

/** What the collector verifies with. */
export const sodiumVerify: Verify = await loadVerify();

/** libsodium's judgement of a point: canonical, on the curve, in the main subgroup, not of small order. */
export function isMainSubgroupPoint(publicKey: Uint8Array): boolean {
  return sodium.crypto_core_ed25519_is_valid_point(Buffer.from(publicKey));
}
