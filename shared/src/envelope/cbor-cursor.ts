/** Why bytes are not the strict CBOR that was expected. Caught where a value or verdict is made of it. */
export class MalformedCbor extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'MalformedCbor';
  }
}

/** Major types of RFC 8949 section 3.1. */
export const MAJOR = { uint: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const;

/** Least argument that needs 1, 2, 4 or 8 bytes behind the first one. */
const LEAST = [24, 2 ** 8, 2 ** 16, 2 ** 32];

const NONE: readonly Uint8Array[] = [];

/**
 * Walks CBOR item by item without copying. Heads must be of the shortest form and definite (RFC 8949 section 4.2.1).
 * Whoever walks often keeps one and begins with `start`. One at least must be kept: while there is none, V8 drops what it
 * compiled for cursors with each full collection of garbage, and walking takes five times as long until it has it again.
 */
export class CborCursor {
  bytes: Uint8Array;
  at: number;
  /** Byte strings that the bytes may hold again: `copy` then gives these. */
  known: readonly Uint8Array[] = NONE;
  /** Argument of the head read last. From 2^53 on it is rounded, see `exactArgument`; as a length it is too large anyway. */
  argument = 0;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  /** Begins anew, with other bytes. */
  start(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.at = 0;
  }

  /** Reads one head and returns its major type; the argument is left in `argument`. */
  head(): number {
    const { bytes } = this;
    if (this.at >= bytes.length) throw new MalformedCbor('ends too early');
    const first = bytes[this.at++] as number;
    const info = first & 31;
    if (info < 24) {
      this.argument = info;
      return first >> 5;
    }
    if (info > 27) throw new MalformedCbor('indefinite or reserved length');
    const width = 1 << (info - 24);
    if (this.at + width > bytes.length) throw new MalformedCbor('ends too early');
    let argument = 0;
    for (let i = 0; i < width; i++) argument = argument * 256 + (bytes[this.at++] as number);
    // For major type 7 as well, so that no float has the argument of a simple value.
    if (argument < (LEAST[info - 24] as number)) throw new MalformedCbor('number not in its shortest form');
    this.argument = argument;
    return first >> 5;
  }

  /** The argument of the head just read, without rounding: a bigint from 2^53 on. */
  exactArgument(): number | bigint {
    if (this.argument <= Number.MAX_SAFE_INTEGER) return this.argument;
    let exact = 0n;
    for (let i = this.at - 8; i < this.at; i++) exact = exact * 256n + BigInt(this.bytes[i] as number);
    return exact;
  }

  /** Reads a head that must be of this major type; returns its argument. */
  expect(major: number, what: string): number {
    if (this.head() !== major) throw new MalformedCbor(`${what} expected`);
    return this.argument;
  }

  /** Reads a byte string of at most `limit` bytes; the result shares memory with the input. */
  byteString(what: string, limit: number): Uint8Array {
    const length = this.expect(MAJOR.bytes, what);
    if (length > limit) throw new MalformedCbor(`${what} of ${length} bytes is larger than ${limit}`);
    return this.skip(length);
  }

  /** Passes over `length` bytes and returns them, sharing memory with the input. */
  skip(length: number): Uint8Array {
    if (length > this.bytes.length - this.at) throw new MalformedCbor('ends too early');
    // A view of its own: `subarray` of a Buffer asks what class to make, and takes three times as long.
    const part = new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + this.at, length);
    this.at += length;
    return part;
  }

  /** Passes over `length` bytes and returns a copy of them, or the one of `known` that is the same. */
  copy(length: number): Uint8Array {
    const { bytes, at, known } = this;
    if (length > bytes.length - at) throw new MalformedCbor('ends too early');
    for (const one of known) {
      if (one.length !== length || !isAt(at, bytes, one)) continue;
      this.at += length;
      return one;
    }
    const part = new Uint8Array(length);
    // Most are hashes and nonces, for which a loop costs less than a view to copy from.
    for (let i = 0; i < length; i++) part[i] = bytes[at + i] as number;
    this.at += length;
    return part;
  }

  /** Refuses bytes behind the last item. */
  end(): void {
    if (this.at !== this.bytes.length) throw new MalformedCbor('bytes follow the last item');
  }
}

function isAt(at: number, bytes: Uint8Array, part: Uint8Array): boolean {
  for (let i = 0; i < part.length; i++) if (bytes[at + i] !== part[i]) return false;
  return true;
}
