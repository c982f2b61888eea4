import type { Cbor } from './cbor.js';
import { type CborCursor, MAJOR, MalformedCbor } from './cbor-cursor.js';
import { LIMITS } from './limits.js';

const SIMPLE = new Map<number, Cbor>([
  [20, false],
  [21, true],
  [22, null],
]);

/**
 * Reads the item at the cursor, and refuses with MalformedCbor whatever is not our strict subset of deterministic CBOR
 * (RFC 8949 section 4.2): integers, byte strings, UTF-8 text, arrays, maps with ascending integer keys, false, true and
 * null; no floats, tags, indefinite lengths or longer forms; at most LIMITS.depth deep. Byte strings are copied, so that
 * a few bytes that are kept do not keep a whole frame in memory.
 */
export function readCbor(cursor: CborCursor, depth = 1): Cbor {
  switch (cursor.head()) {
    case MAJOR.uint:
      return cursor.exactArgument();
    case MAJOR.negative:
      return negative(cursor.exactArgument());
    case MAJOR.bytes:
      return cursor.copy(cursor.argument);
    case MAJOR.text:
      return readText(cursor.skip(cursor.argument));
    case MAJOR.array:
      return readArray(cursor, depth);
    case MAJOR.map:
      return readMap(cursor, depth);
    case MAJOR.simple:
      return readSimple(cursor.argument);
    default:
      throw new MalformedCbor('tag');
  }
}

function negative(argument: number | bigint): number | bigint {
  if (typeof argument === 'number' && argument < Number.MAX_SAFE_INTEGER) return -1 - argument;
  return -1n - BigInt(argument);
}

function readArray(cursor: CborCursor, depth: number): Cbor[] {
  const count = openContainer(cursor, depth, 1);
  const items = new Array<Cbor>(count);
  for (let i = 0; i < count; i++) items[i] = readCbor(cursor, depth + 1);
  return items;
}

function readMap(cursor: CborCursor, depth: number): ReadonlyMap<number, Cbor> {
  const count = openMap(cursor, depth);
  const map = new Map<number, Cbor>();
  let key: number | undefined;
  for (let i = 0; i < count; i++) {
    key = readKey(cursor, key);
    map.set(key, readCbor(cursor, depth + 1));
  }
  return map;
}

/** Number of members of the map whose head was read. MalformedCbor when it is too deep or too large. */
export function openMap(cursor: CborCursor, depth: number): number {
  return openContainer(cursor, depth, 2);
}

/** Reads the key of the next member; `previous` is the one before it. MalformedCbor unless it is an integer behind that. */
export function readKey(cursor: CborCursor, previous: number | undefined): number {
  const major = cursor.head();
  if (major !== MAJOR.uint && major !== MAJOR.negative) throw new MalformedCbor('map key is not an integer');
  const argument = cursor.exactArgument();
  const key = major === MAJOR.uint ? argument : negative(argument);
  if (typeof key === 'bigint') throw new MalformedCbor('map key is beyond 2^53');
  if (previous !== undefined && !isKeyAbove(key, previous)) throw new MalformedCbor('map keys repeated or out of order');
  return key;
}

/** Whether the encoding of `key` stands behind that of `previous`: 0, 1, 2, ... and then -1, -2, ... */
export function isKeyAbove(key: number, previous: number): boolean {
  if (key >= 0) return previous >= 0 && key > previous;
  return previous >= 0 || key < previous;
}

/** Number of members of the array or map whose head was read; it must fit into the bytes that are left. */
function openContainer(cursor: CborCursor, depth: number, itemsPerMember: number): number {
  if (depth > LIMITS.depth) throw new MalformedCbor(`deeper than ${LIMITS.depth}`);
  const count = cursor.argument;
  if (count * itemsPerMember > cursor.bytes.length - cursor.at) throw new MalformedCbor('ends too early');
  return count;
}

function readSimple(argument: number): Cbor {
  const value = SIMPLE.get(argument);
  if (value === undefined) throw new MalformedCbor('float or unknown simple value');
  return value;
}

/** `ignoreBOM` keeps a byte order mark as the character that it is. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new MalformedCbor('text is not UTF-8');
  }
}
