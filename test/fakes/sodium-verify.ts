import { createRequire } from 'node:module';
import type { Verify } from '@farola/shared';

interface Sodium {
  crypto_sign_verify_detached(signature: Buffer, message: Buffer, publicKey: Buffer): boolean;
  crypto_core_ed25519_is_valid_point(point: Buffer): boolean;
}

const sodium = createRequire(import.meta.url)('sodium-native') as Sodium;

/** The bytes as a Buffer over the same memory. */
function buffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Verifies with libsodium. */
export const sodiumVerify: Verify = (publicKey, message, signature) =>
  signature.length === 64 &&
  publicKey.length === 32 &&
  sodium.crypto_sign_verify_detached(buffer(signature), buffer(message), buffer(publicKey));

/** libsodium's judgement of a point: canonical, on the curve, in the main subgroup, not of small order. */
export function isMainSubgroupPoint(publicKey: Uint8Array): boolean {
  return sodium.crypto_core_ed25519_is_valid_point(buffer(publicKey));
}
