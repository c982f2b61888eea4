import type { BitReader, BitWriter } from './bits.js';
import { MalformedBatch } from './bits.js';

/** Numbers from here on are not coded: below it every difference and its double are exact in a double. */
export const NUMBER_LIMIT = 2 ** 50;

/** What is remembered of a column, by place. */
const LAST = 0;
/** The last difference. */
const STEP = 1;
/** Decaying sums of what the two forecasts were off by, in units: the value stays; it goes on by the last difference. */
const OFF_IF_STILL = 2;
const OFF_IF_STEADY = 3;
/** All differences so far are multiples of it: 1000, 100, 10 or 1. */
const UNIT = 4;
const FIELDS = 5;

const LARGEST_UNIT = 1000;
/** A sum loses this share with each number. */
const DECAY = 8;
/** A sum below it has the parameter 0; each doubling adds one. */
const REACH = 10;
const OFF_AT_FIRST = 64;
const OFF_LIMIT = 2 ** 40;
/** Ones that say: the difference follows as it is. */
const ESCAPE_ONES = 16;
/** Bits that tell the width of a number. */
const WIDTH_BITS = 6;
const WIDEST = 53;

/**
 * Columns of integers, coded one number after the other as what a forecast was off by, in a Rice code whose parameter
 * follows how far it was off lately. Writer and reader remember the same, so nothing else has to be told.
 */
export class Columns {
  #state = new Float64Array(0);

  /** Makes room for this many columns; those that are there stay as they are. */
  reserve(count: number): void {
    const before = this.#state.length;
    if (before >= count * FIELDS) return;
    const state = new Float64Array(count * FIELDS);
    state.set(this.#state);
    this.#state = state;
    for (let at = before; at < state.length; at += FIELDS) state[at + LAST] = NaN;
  }

  /** Writes the next number of a column, an integer below NUMBER_LIMIT in value. */
  write(column: number, value: number, bits: BitWriter): void {
    const at = column * FIELDS;
    if (Number.isNaN(this.#get(at + LAST))) {
      writeWide(bits, zigzag(value));
      return this.#begin(at, value);
    }
    const off = value - this.#forecast(at);
    const unit = this.#get(at + UNIT);
    const code = off % unit === 0 ? zigzag(off / unit) : Infinity;
    const parameter = this.#parameter(at);
    const base = 2 ** parameter;
    const high = Math.floor(code / base);
    if (high < ESCAPE_ONES) {
      bits.bits(2 ** (high + 1) - 2, high + 1);
      bits.bits(code % base, parameter);
    } else {
      bits.bits(2 ** ESCAPE_ONES - 1, ESCAPE_ONES);
      writeWide(bits, zigzag(off));
      this.#narrow(at, off);
    }
    this.#learn(at, value);
  }

  /** Reads the next number of a column. @throws MalformedBatch */
  read(column: number, bits: BitReader): number {
    const at = column * FIELDS;
    if (Number.isNaN(this.#get(at + LAST))) {
      const value = bounded(unzigzag(readWide(bits)));
      this.#begin(at, value);
      return value;
    }
    const forecast = this.#forecast(at);
    const parameter = this.#parameter(at);
    const high = bits.ones(ESCAPE_ONES);
    let off: number;
    if (high < ESCAPE_ONES) {
      off = unzigzag(high * 2 ** parameter + bits.bits(parameter)) * this.#get(at + UNIT);
    } else {
      off = unzigzag(readWide(bits));
      this.#narrow(at, off);
    }
    const value = bounded(forecast + off);
    this.#learn(at, value);
    return value;
  }

  #get(at: number): number {
    return this.#state[at] as number;
  }

  #begin(at: number, value: number): void {
    const state = this.#state;
    let unit = LARGEST_UNIT;
    while (value % unit !== 0) unit /= 10;
    state[at + LAST] = value;
    state[at + STEP] = 0;
    state[at + OFF_IF_STILL] = OFF_AT_FIRST;
    state[at + OFF_IF_STEADY] = OFF_AT_FIRST;
    state[at + UNIT] = unit;
  }

  #forecast(at: number): number {
    const still = this.#get(at + OFF_IF_STILL) <= this.#get(at + OFF_IF_STEADY);
    return this.#get(at + LAST) + (still ? 0 : this.#get(at + STEP));
  }

  /** About the logarithm of the mean code, to the base of two. */
  #parameter(at: number): number {
    const off = Math.min(this.#get(at + OFF_IF_STILL), this.#get(at + OFF_IF_STEADY));
    let parameter = 0;
    for (let reach = REACH; reach <= off; reach *= 2) parameter++;
    return parameter;
  }

  /** Takes the largest unit that this difference is a multiple of as well. */
  #narrow(at: number, off: number): void {
    const state = this.#state;
    while (off % this.#get(at + UNIT) !== 0) {
      state[at + UNIT] = this.#get(at + UNIT) / 10;
      for (const sum of [at + OFF_IF_STILL, at + OFF_IF_STEADY]) state[sum] = Math.min(this.#get(sum) * 10, OFF_LIMIT);
    }
  }

  #learn(at: number, value: number): void {
    const step = value - this.#get(at + LAST);
    const unit = this.#get(at + UNIT);
    this.#note(at + OFF_IF_STEADY, Math.floor(Math.abs(step - this.#get(at + STEP)) / unit));
    this.#note(at + OFF_IF_STILL, Math.floor(Math.abs(step) / unit));
    this.#state[at + LAST] = value;
    this.#state[at + STEP] = step;
  }

  #note(sum: number, off: number): void {
    const before = this.#get(sum);
    this.#state[sum] = Math.min(before - Math.floor(before / DECAY) + off, OFF_LIMIT);
  }
}

function zigzag(value: number): number {
  return value >= 0 ? 2 * value : -2 * value - 1;
}

function unzigzag(code: number): number {
  return code % 2 === 0 ? code / 2 : -(code + 1) / 2;
}

function writeWide(bits: BitWriter, value: number): void {
  const high = Math.floor(value / 2 ** 32);
  const width = high > 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(value);
  bits.bits(width, WIDTH_BITS);
  bits.bits(value, width);
}

function readWide(bits: BitReader): number {
  const width = bits.bits(WIDTH_BITS);
  if (width > WIDEST) throw new MalformedBatch(`number of ${width} bits`);
  return bits.bits(width);
}

function bounded(value: number): number {
  if (Math.abs(value) >= NUMBER_LIMIT) throw new MalformedBatch('number beyond 2^50');
  return value;
}
