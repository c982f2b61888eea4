import { createPrivateKey, createPublicKey, type KeyObject, randomBytes, sign, verify } from 'node:crypto';
import { kidOf, type Signer, toHex, type Verify, vetPublicKey } from '@farola/shared';

/** What stands before 32 bytes of key in PKCS #8 and SubjectPublicKeyInfo, RFC 8410. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** A signer on node:crypto; the same seed of 32 bytes gives the same key, none gives a new one. */
export function newTestSigner(seed: Uint8Array = randomBytes(KEY_BYTES)): Signer {
  if (seed.length !== KEY_BYTES) throw new RangeError(`seed of ${seed.length} bytes`);
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const publicKey = new Uint8Array(spki.subarray(SPKI_HEAD.length));
  return { publicKey, kid: kidOf(publicKey), sign: (message) => new Uint8Array(sign(null, message, key)) };
}

/** A signer whose seed is this byte, 32 times: `testSigner(1)` is the same key in every test. */
export function testSigner(byte: number): Signer {
  return newTestSigner(new Uint8Array(KEY_BYTES).fill(byte));
}

const keys = new Map<string, KeyObject | undefined>();

/** Verifies with node:crypto, which takes small-order keys: hence the vetting. A key is looked at once. */
export const nodeVerify: Verify = (publicKey, message, signature) => {
  if (signature.length !== SIGNATURE_BYTES) return false;
  const name = toHex(publicKey);
  if (!keys.has(name)) keys.set(name, vetPublicKey(publicKey) === undefined ? importKey(publicKey) : undefined);
  const key = keys.get(name);
  return key !== undefined && verify(null, message, key, signature);
};

function importKey(publicKey: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_HEAD, publicKey]), format: 'der', type: 'spki' });
}
