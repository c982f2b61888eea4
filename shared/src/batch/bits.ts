/** Why bytes are no batch. Caught where a refusal is made of it. */
export class MalformedBatch extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'MalformedBatch';
  }
}

/** Widest number that is written at once. */
const PIECE_BITS = 24;
const PIECE = 2 ** PIECE_BITS;

/** Writes numbers of a few bits each, most significant bit first. */
export class BitWriter {
  #bytes: Uint8Array;
  #length = 0;
  #held = 0;
  #heldBits = 0;

  /** @param capacity bytes that are expected; more are taken */
  constructor(capacity: number) {
    this.#bytes = new Uint8Array(Math.max(16, capacity));
  }

  /** Writes the low `width` bits of a number below 2^53. */
  bits(value: number, width: number): void {
    if (width > PIECE_BITS) {
      this.bits(Math.floor(value / PIECE), width - PIECE_BITS);
      this.bits(value % PIECE, PIECE_BITS);
      return;
    }
    this.#held = (this.#held << width) | value;
    this.#heldBits += width;
    while (this.#heldBits >= 8) {
      this.#heldBits -= 8;
      this.#put((this.#held >>> this.#heldBits) & 255);
    }
    this.#held &= (1 << this.#heldBits) - 1;
  }

  /** Everything that was written, filled up with zero bits to whole bytes. */
  finish(): Uint8Array {
    if (this.#heldBits > 0) this.bits(0, 8 - this.#heldBits);
    return this.#bytes.slice(0, this.#length);
  }

  #put(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#bytes.length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length++] = byte;
  }
}

/** Reads what a BitWriter wrote. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #held = 0;
  #heldBits = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Bits that were not read yet. */
  get left(): number {
    return 8 * (this.#bytes.length - this.#at) + this.#heldBits;
  }

  /** The next `width` bits, at most 53. @throws MalformedBatch when there are fewer */
  bits(width: number): number {
    if (width > PIECE_BITS) {
      const high = this.bits(width - PIECE_BITS);
      return high * PIECE + this.bits(PIECE_BITS);
    }
    if (this.#heldBits < width) this.#fill(width);
    const value = this.#held >>> (this.#heldBits - width);
    this.#drop(width);
    return value;
  }

  /** Ones before the next zero, which is read as well; `limit` ones, at most PIECE_BITS, have no zero behind them. */
  ones(limit: number): number {
    let count = 0;
    for (;;) {
      if (this.#heldBits === 0) this.#fill(1);
      // The held bits, moved to the top and turned round: their leading zeros are the ones that come next.
      const run = Math.min(Math.clz32(~(this.#held << (32 - this.#heldBits))), this.#heldBits, limit - count);
      count += run;
      this.#drop(run);
      if (count === limit) return count;
      if (this.#heldBits > 0) {
        this.#drop(1);
        return count;
      }
    }
  }

  /** Refuses whatever follows, but for the zero bits that fill the last byte. @throws MalformedBatch */
  end(): void {
    if (this.left >= 8 || this.bits(this.left) !== 0) throw new MalformedBatch('bits follow the last entry');
  }

  /** Holds at least so many bits, at most PIECE_BITS. */
  #fill(width: number): void {
    while (this.#heldBits < width) {
      if (this.#at >= this.#bytes.length) throw new MalformedBatch('ends too early');
      this.#held = (this.#held << 8) | (this.#bytes[this.#at++] as number);
      this.#heldBits += 8;
    }
  }

  #drop(width: number): void {
    this.#heldBits -= width;
    this.#held &= (1 << this.#heldBits) - 1;
  }
}
