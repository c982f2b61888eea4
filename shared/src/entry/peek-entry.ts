import { CborCursor, MAJOR, MalformedCbor } from '../envelope/cbor-cursor.js';
import { ENTRY_KINDS } from './kinds.js';

/** Kept, see CborCursor: every answer comes by here. */
const cursor = new CborCursor(new Uint8Array(0));

/** What can be told of an entry without reading all of it: cheap enough for every entry of every answer. */
export class EntryPeek {
  /** Number of the kind; -1 when the bytes are not an entry. */
  kind = -1;
  /** Monotonic time of the LCU, ms; 0 when the bytes are not an entry. */
  monoMs = 0;
  /** Index of the analyser of a sample; -1 for every other kind. */
  analyser = -1;

  /** Looks at an entry, whatever was looked at before. Never throws. */
  at(bytes: Uint8Array): this {
    this.analyser = -1;
    try {
      cursor.start(bytes);
      cursor.expect(MAJOR.array, 'entry');
      this.kind = safeUint();
      this.monoMs = safeUint();
      if (this.kind === ENTRY_KINDS.sample) this.#readAnalyser();
    } catch (error) {
      if (!(error instanceof MalformedCbor)) throw error;
      this.kind = -1;
      this.monoMs = 0;
    }
    return this;
  }

  #readAnalyser(): void {
    safeUint(); // wall
    safeUint(); // quality
    this.analyser = safeUint();
  }
}

/** The same of one entry alone. */
export function peekEntry(bytes: Uint8Array): EntryPeek {
  return new EntryPeek().at(bytes);
}

function safeUint(): number {
  const value = cursor.expect(MAJOR.uint, 'integer');
  if (value > Number.MAX_SAFE_INTEGER) throw new MalformedCbor('integer beyond 2^53');
  return value;
}
