import { encodeItems, RELEASE, type Release, RELEASE_STATE, sha256, signMessage } from '@farola/shared';
import { testSigner } from './test-signer.js';

/** Release keys of tests. */
export const RELEASE_KEYS = [testSigner(51), testSigner(52), testSigner(53)] as const;
/** Wall time at which test releases are issued, ms. */
export const ISSUED_AT_MS = Date.UTC(2026, 10, 22);
/** Wall time at which they expire unless said, ms. */
export const EXPIRES_AT_MS = Date.UTC(2027, 10, 22);
/** The code of test releases unless said. */
export const CODE = sha256(Buffer.from('code'));

/** A statement that approves CODE, but for the changes. */
export function testRelease(change: Partial<Release> = {}): Release {
  return {
    version: 1,
    issuedAt: ISSUED_AT_MS,
    codeHash: CODE,
    sequence: 1,
    product: '@farola/agent',
    productVersion: '0.1.0',
    expiresAt: EXPIRES_AT_MS,
    releaseState: RELEASE_STATE.allowed,
    ...change,
  };
}

/** A release file of that statement, signed by these keys. */
export function releaseFile(change: Partial<Release> = {}, signers = RELEASE_KEYS.slice(0, 1)): Uint8Array {
  return encodeItems(signers.map((signer) => signMessage(RELEASE, testRelease(change), signer)));
}
