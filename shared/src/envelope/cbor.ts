import { encode } from 'cborg';
import { CborCursor } from './cbor-cursor.js';
import { readCbor } from './read-cbor.js';

/** A value of our CBOR subset. Integers beyond 2^53 are bigint, down to -2^64 and up to 2^64 - 1. */
export type Cbor = null | boolean | number | bigint | string | Uint8Array | readonly Cbor[] | ReadonlyMap<number, Cbor>;

const UINT64_LIMIT = 2n ** 64n;
/** A surrogate that has no partner: not a character, so it has no UTF-8. */
const HALF_PAIR = /\p{Surrogate}/u;

/** cborg asks these before it encodes a value of the type, and goes on by itself when they return null. */
const CHECKS = {
  number(value: number): null {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not an integer below 2^53`);
    return null;
  },
  bigint(value: bigint): null {
    if (value >= UINT64_LIMIT || value < -UINT64_LIMIT) throw new RangeError(`${value} needs more than 64 bits`);
    return null;
  },
  string(value: string): null {
    if (HALF_PAIR.test(value)) throw new RangeError('text with half a surrogate pair');
    return null;
  },
  Map(value: ReadonlyMap<unknown, unknown>): null {
    for (const key of value.keys()) {
      if (!Number.isSafeInteger(key)) throw new RangeError(`map key ${String(key)} is not an integer below 2^53`);
    }
    return null;
  },
  undefined(): never {
    throw new RangeError('undefined has no place in CBOR of ours');
  },
  Object(): never {
    throw new RangeError('an object has no place in CBOR of ours');
  },
};
const ENCODE_OPTIONS = { typeEncoders: CHECKS };

/** Encodes a value as deterministic CBOR (RFC 8949 section 4.2). RangeError for what is not of type Cbor. */
export function encodeCbor(value: Cbor): Uint8Array {
  return encode(value, ENCODE_OPTIONS);
}

/** Reads exactly one value of strict CBOR. MalformedCbor for anything else, see read-cbor.ts. */
export function decodeCbor(bytes: Uint8Array): Cbor {
  const cursor = new CborCursor(bytes);
  const value = readCbor(cursor);
  cursor.end();
  return value;
}
