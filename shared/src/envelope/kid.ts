import { sha256 } from '../bytes.js';

/** Length of a key id, bytes. */
export const KID_BYTES = 8;

/** Key id: the first 8 bytes of SHA-256 of a public key. */
export function kidOf(publicKey: Uint8Array): Uint8Array {
  return sha256(publicKey).slice(0, KID_BYTES);
}
