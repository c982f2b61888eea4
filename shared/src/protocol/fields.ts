import * as z from 'zod';

/** A byte string of exactly this length. */
export function bytesOf(length: number) {
  return z.custom<Uint8Array>(
    (value) => value instanceof Uint8Array && value.length === length,
    `must be a byte string of ${length} bytes`,
  );
}

/** A byte string of any length; the frame caps it. */
export const anyBytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'must be a byte string');

/** An integer from 0 to 2^53 - 1. */
export const uint = z.int().min(0);

/** Most entries that an epoch can have: far beyond any, and far enough from 2^53 to count on. */
const MOST_ENTRIES = 2 ** 48;

/** Number of an entry in its epoch, from 1 to 2^48. */
export const entryNumber = z.int().min(1).max(MOST_ENTRIES);

/** Number of the last entry of something, 0 when there is none, to 2^48. */
export const lastNumber = z.int().min(0).max(MOST_ENTRIES);

/** SHA-256, 32 bytes. */
export const hash32 = bytesOf(32);

/** Ed25519 public key, 32 bytes. */
export const key32 = bytesOf(32);

/** Random bytes used once, 16 bytes. */
export const nonce16 = bytesOf(16);

/** Epoch, 8 random bytes. */
export const epoch8 = bytesOf(8);

/** Boot id of the LCU's kernel, 16 bytes. */
export const boot16 = bytesOf(16);

/** Version of the protocol that a message is written in. */
export const version = z.int().min(1).max(255);
