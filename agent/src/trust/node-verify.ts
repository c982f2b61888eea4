import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { toHex, type Verify, vetPublicKey } from '@farola/shared';

/** What stands before the 32 bytes of an Ed25519 key in its SubjectPublicKeyInfo, RFC 8410 section 4. */
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');
const SIGNATURE_BYTES = 64;
/** A collector has a handful of keys; more come only from an enrolment with a wrong statement. */
const KEYS_KEPT = 16;

/** Verification by node:crypto, which itself takes small-order keys: a key is vetted when it is first seen. */
export function nodeVerify(): Verify {
  const keys = new Map<string, KeyObject | null>();
  return (publicKey, message, signature) => {
    if (signature.length !== SIGNATURE_BYTES) return false;
    const name = toHex(publicKey);
    let key = keys.get(name);
    if (key === undefined) {
      key = vetPublicKey(publicKey) === undefined ? importKey(publicKey) : null;
      if (keys.size >= KEYS_KEPT) keys.clear();
      keys.set(name, key);
    }
    return key !== null && verify(null, message, key, signature);
  };
}

function importKey(publicKey: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_HEAD, publicKey]), format: 'der', type: 'spki' });
}
