import { MAJOR } from './cbor-cursor.js';

const FIRST_BYTES = 1024;
/** Room beyond this is given back before the next value. */
const KEPT_BYTES = 64 * 1024;
/** Longest head: one byte, and an argument of eight. */
const HEAD_BYTES = 9;
/** A surrogate that has no partner: not a character, so it has no UTF-8. */
const HALF_PAIR = /\p{Surrogate}/u;

/** Bytes of a head in its shortest form. @param argument integer from 0 to 2^53 - 1 */
export function headBytes(argument: number): number {
  if (argument < 24) return 1;
  if (argument < 2 ** 8) return 2;
  if (argument < 2 ** 16) return 3;
  return argument < 2 ** 32 ? 5 : HEAD_BYTES;
}

/**
 * Writes CBOR item by item, each head in its shortest form (RFC 8949 section 4.2.1); what CborCursor walks. The room is
 * used again: a value begins with `start` and is taken away with `copy`, so whoever writes often keeps one writer.
 */
export class CborWriter {
  #room = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #at = 0;

  /** Begins anew, whatever was written before. */
  start(): void {
    this.#at = 0;
    if (this.#room.length > KEPT_BYTES) this.#room = Buffer.allocUnsafeSlow(FIRST_BYTES);
  }

  /** A copy of the bytes written since `start`. */
  copy(): Uint8Array {
    return Buffer.from(this.#room.subarray(0, this.#at));
  }

  /** Writes a head. @param argument integer from 0 to 2^53 - 1 */
  head(major: number, argument: number): void {
    this.#reserve(HEAD_BYTES);
    const first = major << 5;
    if (argument < 24) {
      this.#room[this.#at++] = first | argument;
    } else if (argument < 2 ** 8) {
      this.#room[this.#at++] = first | 24;
      this.#room[this.#at++] = argument;
    } else if (argument < 2 ** 16) {
      this.#room[this.#at++] = first | 25;
      this.#at = this.#room.writeUInt16BE(argument, this.#at);
    } else if (argument < 2 ** 32) {
      this.#room[this.#at++] = first | 26;
      this.#at = this.#room.writeUInt32BE(argument, this.#at);
    } else {
      this.#room[this.#at++] = first | 27;
      this.#at = this.#room.writeUInt32BE(Math.floor(argument / 2 ** 32), this.#at);
      this.#at = this.#room.writeUInt32BE(argument % 2 ** 32, this.#at);
    }
  }

  /** Writes a head with an argument of eight bytes. @param argument from 2^32 to 2^64 - 1 */
  bigHead(major: number, argument: bigint): void {
    this.#reserve(HEAD_BYTES);
    this.#room[this.#at++] = (major << 5) | 27;
    this.#at = this.#room.writeBigUInt64BE(argument, this.#at);
  }

  /** Writes a byte string. */
  byteString(bytes: Uint8Array): void {
    this.head(MAJOR.bytes, bytes.length);
    this.encoded(bytes);
  }

  /** Writes UTF-8 text. RangeError for half a surrogate pair. */
  text(value: string): void {
    if (HALF_PAIR.test(value)) throw new RangeError('text with half a surrogate pair');
    const length = Buffer.byteLength(value);
    this.head(MAJOR.text, length);
    this.#reserve(length);
    this.#at += this.#room.write(value, this.#at);
  }

  /** Writes bytes that are CBOR already. */
  encoded(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#room.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #reserve(length: number): void {
    const needed = this.#at + length;
    if (needed <= this.#room.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#room.length));
    larger.set(this.#room.subarray(0, this.#at));
    this.#room = larger;
  }
}
