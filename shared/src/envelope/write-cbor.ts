import type { Cbor } from './cbor.js';
import { MAJOR } from './cbor-cursor.js';
import type { CborWriter } from './cbor-writer.js';
import { isKeyAbove } from './read-cbor.js';

const FALSE = 20;
const TRUE = 21;
const NULL = 22;
const UINT64_LIMIT = 2n ** 64n;

/** Writes a value as deterministic CBOR (RFC 8949 section 4.2), what readCbor reads. RangeError for what is not of type Cbor. */
export function writeCbor(writer: CborWriter, value: Cbor): void {
  switch (typeof value) {
    case 'number':
      return writeNumber(writer, value);
    case 'string':
      return writer.text(value);
    case 'boolean':
      return writer.head(MAJOR.simple, value ? TRUE : FALSE);
    case 'bigint':
      return writeBigint(writer, value);
    default:
      return writeObject(writer, value);
  }
}

function writeNumber(writer: CborWriter, value: number): void {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not an integer below 2^53`);
  if (value >= 0) writer.head(MAJOR.uint, value);
  else writer.head(MAJOR.negative, -1 - value);
}

function writeBigint(writer: CborWriter, value: bigint): void {
  if (value >= UINT64_LIMIT || value < -UINT64_LIMIT) throw new RangeError(`${value} needs more than 64 bits`);
  const major = value >= 0n ? MAJOR.uint : MAJOR.negative;
  const argument = value >= 0n ? value : -1n - value;
  if (argument <= Number.MAX_SAFE_INTEGER) writer.head(major, Number(argument));
  else writer.bigHead(major, argument);
}

/** Behind a cast or in plain JavaScript the value may be anything. */
function writeObject(writer: CborWriter, value: unknown): void {
  if (value === null) return writer.head(MAJOR.simple, NULL);
  if (value instanceof Uint8Array) return writer.byteString(value);
  if (Array.isArray(value)) return writeArray(writer, value as readonly Cbor[]);
  if (value instanceof Map) return writeMap(writer, value as ReadonlyMap<number, Cbor>);
  throw new RangeError(`${typeof value === 'object' ? 'an object' : typeof value} has no place in CBOR of ours`);
}

function writeArray(writer: CborWriter, items: readonly Cbor[]): void {
  writer.head(MAJOR.array, items.length);
  // By index: for arrays of many kinds an iterator makes an object for each item, more than what is written.
  let i = 0;
  while (i < items.length) writeCbor(writer, items[i++] as Cbor);
}

function writeMap(writer: CborWriter, map: ReadonlyMap<number, Cbor>): void {
  writer.head(MAJOR.map, map.size);
  for (const [key, value] of inOrder(map)) {
    writeNumber(writer, key);
    writeCbor(writer, value);
  }
}

/** The members in the order of the encodings of their keys; the map itself where it stands so already, as most do. */
function inOrder(map: ReadonlyMap<number, Cbor>): Iterable<readonly [number, Cbor]> {
  let previous: number | undefined;
  let ascending = true;
  for (const key of map.keys()) {
    if (!Number.isSafeInteger(key)) throw new RangeError(`map key ${String(key)} is not an integer below 2^53`);
    if (previous !== undefined && !isKeyAbove(key, previous)) ascending = false;
    previous = key;
  }
  return ascending ? map : [...map].sort(([a], [b]) => (isKeyAbove(a, b) ? 1 : -1));
}
