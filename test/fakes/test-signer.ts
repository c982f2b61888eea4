import { createPrivateKey, createPublicKey, randomBytes, sign } from 'node:crypto';
import { nodeVerify as agentVerify } from '@farola/agent/trust/node-verify.js';
import { type AsyncSigner, kidOf, type Signer, type Verify } from '@farola/shared';

/** What stands before 32 bytes of key in PKCS #8 and SubjectPublicKeyInfo, RFC 8410. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');
const KEY_BYTES = 32;

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

/** The same key as an agent signs with it. */
export function asyncSigner({ publicKey, kid, sign }: Signer): AsyncSigner {
  return { publicKey, kid, sign: (message) => Promise.resolve(sign(message)) };
}

/** What the agent verifies with. */
export const nodeVerify: Verify = agentVerify();
