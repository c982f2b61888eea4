import { CborCursor, MAJOR, MalformedCbor } from '../envelope/cbor-cursor.js';
import { ENTRY_KINDS } from './kinds.js';

/** What can be told of an entry without reading all of it. */
export interface Peek {
  /** Number of the kind; -1 when the bytes are not an entry. */
  readonly kind: number;
  /** Monotonic time of the LCU, ms; 0 when the bytes are not an entry. */
  readonly monoMs: number;
  /** Index of the analyser of a sample; -1 for every other kind. */
  readonly analyser: number;
}

const NOT_AN_ENTRY: Peek = { kind: -1, monoMs: 0, analyser: -1 };

/** Kept, see CborCursor: every answer comes by here. */
const cursor = new CborCursor(new Uint8Array(0));

/** Reads the first items of an entry: cheap enough for every entry of every answer. Never throws. */
export function peekEntry(bytes: Uint8Array): Peek {
  try {
    cursor.start(bytes);
    cursor.expect(MAJOR.array, 'entry');
    const kind = safeUint();
    const monoMs = safeUint();
    if (kind !== ENTRY_KINDS.sample) return { kind, monoMs, analyser: -1 };
    safeUint(); // wall
    safeUint(); // quality
    return { kind, monoMs, analyser: safeUint() };
  } catch (error) {
    if (error instanceof MalformedCbor) return NOT_AN_ENTRY;
    throw error;
  }
}

function safeUint(): number {
  const value = cursor.expect(MAJOR.uint, 'integer');
  if (value > Number.MAX_SAFE_INTEGER) throw new MalformedCbor('integer beyond 2^53');
  return value;
}
