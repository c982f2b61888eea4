import { hash } from 'node:crypto';

/** Length of a SHA-256, bytes. */
export const SHA256_BYTES = 32;

/** Bytes as lower-case hexadecimal text. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** The bytes of hexadecimal text. RangeError for any other text. */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) throw new RangeError('not hexadecimal');
  return new Uint8Array(Buffer.from(text, 'hex'));
}

/** Whether two byte strings are equal. Not in constant time: for public values only. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** SHA-256 (FIPS 180-4) of the bytes, 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  const digest = new Uint8Array(SHA256_BYTES);
  sha256Into(digest, bytes);
  return digest;
}

/** As `sha256`, written to the beginning of `target`, which `bytes` may be part of. */
export function sha256Into(target: Uint8Array, bytes: Uint8Array): void {
  // By way of a string: a Buffer of its own for each digest costs twice what the hash does.
  const digest = hash('sha256', bytes, 'binary');
  for (let i = 0; i < SHA256_BYTES; i++) target[i] = digest.charCodeAt(i);
}

/** All parts in one byte string. */
export function joinBytes(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}
