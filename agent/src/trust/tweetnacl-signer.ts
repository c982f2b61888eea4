import { kidOf } from '@farola/shared';
import type { Signer } from '@farola/shared';
import nacl from 'tweetnacl';

/** Length of the seed of an Ed25519 key, bytes (RFC 8032 section 5.1.5). */
export const SEED_BYTES = 32;

/** A signer whose key is made from this seed. RangeError for a seed of another length. */
export function signerOf(seed: Uint8Array): Signer {
  if (seed.length !== SEED_BYTES) throw new RangeError(`seed of ${seed.length} bytes`);
  const { publicKey, secretKey } = nacl.sign.keyPair.fromSeed(new Uint8Array(seed));
  return { publicKey, kid: kidOf(publicKey), sign: (message) => nacl.sign.detached(message, secretKey) };
}
