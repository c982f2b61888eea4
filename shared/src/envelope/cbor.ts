import { CborCursor } from './cbor-cursor.js';
import { CborWriter } from './cbor-writer.js';
import { readCbor } from './read-cbor.js';
import { writeCbor } from './write-cbor.js';

/** A value of our CBOR subset. Integers beyond 2^53 are bigint, down to -2^64 and up to 2^64 - 1. */
export type Cbor = null | boolean | number | bigint | string | Uint8Array | readonly Cbor[] | ReadonlyMap<number, Cbor>;

const writer = new CborWriter();

/** Encodes a value as deterministic CBOR (RFC 8949 section 4.2). RangeError for what is not of type Cbor. */
export function encodeCbor(value: Cbor): Uint8Array {
  writer.start();
  writeCbor(writer, value);
  return writer.copy();
}

/** Reads exactly one value of strict CBOR. MalformedCbor for anything else, see read-cbor.ts. */
export function decodeCbor(bytes: Uint8Array): Cbor {
  const cursor = new CborCursor(bytes);
  const value = readCbor(cursor);
  cursor.end();
  return value;
}
