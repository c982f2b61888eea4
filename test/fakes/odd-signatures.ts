import { createHash } from 'node:crypto';
import { fromHex, joinBytes } from '@farola/shared';

/** Order of the group, L of RFC 8032 section 5.1. */
const GROUP_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
/** The base point B, which is the public key of the secret scalar 1. */
export const BASE_POINT = fromHex('58' + '66'.repeat(31));
/** The neutral point, of order 1. */
export const NEUTRAL_POINT = fromHex('01' + '00'.repeat(31));

function toNumber(littleEndian: Uint8Array): bigint {
  return BigInt('0x' + Buffer.from(littleEndian).reverse().toString('hex'));
}

function toScalar(number: bigint): Uint8Array {
  return Buffer.from(number.toString(16).padStart(64, '0'), 'hex').reverse();
}

/** The other signature of the same message: S + L, which RFC 8032 section 5.1.7 forbids. */
export function malleated(signature: Uint8Array): Uint8Array {
  return joinBytes(signature.subarray(0, 32), toScalar(toNumber(signature.subarray(32)) + GROUP_ORDER));
}

/** h = SHA-512(R || A || M) modulo the order, RFC 8032 section 5.1.7. */
function challenge(r: Uint8Array, publicKey: Uint8Array, message: Uint8Array): bigint {
  return toNumber(createHash('sha512').update(r).update(publicKey).update(message).digest()) % GROUP_ORDER;
}

/**
 * A message and a signature that nobody's secret was needed for, under a key whose order divides 8: with h divisible by 8
 * the key falls out of S B = R + h A, and S = 1 fits R = B.
 */
export function forgedUnder(smallOrderKey: Uint8Array): { message: Uint8Array; signature: Uint8Array } {
  for (let i = 0; ; i++) {
    const message = Buffer.from(`forged ${i}`);
    if (challenge(BASE_POINT, smallOrderKey, message) % 8n === 0n) {
      return { message, signature: joinBytes(BASE_POINT, toScalar(1n)) };
    }
  }
}

/** The signature under `BASE_POINT` whose R is the neutral point, as these bytes: S = h, which the equation holds for. */
export function signedWithNeutralR(message: Uint8Array, r: Uint8Array = NEUTRAL_POINT): Uint8Array {
  return joinBytes(r, toScalar(challenge(r, BASE_POINT, message)));
}
