import { toHex } from '../bytes.js';
import type { ErrorCode } from '../errors.js';

/** Prime of the field, RFC 8032 section 5.1. */
const P = 2n ** 255n - 19n;
/** Constant d of the curve, RFC 8032 section 5.1. */
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;

/** y of the points whose order divides 8 (RFC 7748 section 6.1 names the same points on the other curve). */
const SMALL_ORDER_Y: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  P - 1n,
  littleEndian('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'),
  littleEndian('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'),
]);

/**
 * Judges an Ed25519 public key before it is ever trusted: the code of what is wrong with it, or undefined. Refuses what
 * is not the canonical form of a point of the curve (RFC 8032 section 5.1.3) and the points of small order, under which
 * one signature fits any message.
 */
export function vetPublicKey(publicKey: Uint8Array): ErrorCode | undefined {
  if (publicKey.length !== 32) return 'key-not-canonical';
  const y = littleEndian(toHex(publicKey)) & (2n ** 255n - 1n);
  if (y >= P) return 'key-not-canonical';
  if (SMALL_ORDER_Y.has(y)) return 'key-small-order';
  return hasX(y) ? undefined : 'key-not-canonical';
}

/** Whether a point with this y exists: x^2 = (y^2 - 1) / (d y^2 + 1) must be a square. */
function hasX(y: bigint): boolean {
  const y2 = (y * y) % P;
  const u = (y2 - 1n + P) % P;
  const v = (D * y2 + 1n) % P;
  const square = (u * power(v, P - 2n)) % P;
  return square === 0n || power(square, (P - 1n) / 2n) === 1n;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let factor = base % P, rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * factor) % P;
    factor = (factor * factor) % P;
  }
  return result;
}

function littleEndian(hex: string): bigint {
  return BigInt('0x' + Buffer.from(hex, 'hex').reverse().toString('hex'));
}
