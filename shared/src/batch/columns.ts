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

/** Numbers of so many bits are shifted as integers of 32. */
const SHIFTS = 30;
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
    const parameter = this.#parameter(at);
    const units = off / this.#get(at + UNIT);
    const code = zigzag(units);
    const high = Number.isInteger(units) ? Math.floor(code / 2 ** parameter) : ESCAPE_ONES;
    if (high < ESCAPE_ONES) {
      bits.bits(2 ** (high + 1) - 2, high + 1);
      bits.bits(code - high * 2 ** parameter, parameter);
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
      const base = parameter < SHIFTS ? 1 << parameter : 2 ** parameter;
      off = unzigzag(high * base + bits.bits(parameter)) * this.#get(at + UNIT);
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

  /** About the logarithm of the mean code, to the base of two: 0 below REACH, one more with each doubling. */
  #parameter(at: number): number {
    const reaches = Math.min(this.#get(at + OFF_IF_STILL), this.#get(at + OFF_IF_STEADY)) / REACH;
    if (reaches < 1) return 0;
    if (reaches < 2 ** 32) return 32 - Math.clz32(reaches);
    return 64 - Math.clz32(reaches / 2 ** 32);
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
    const unit = this.#get(at + UNIT);
    const step = value - this.#get(at + LAST);
    const turn = step - this.#get(at + STEP);
    this.#note(at + OFF_IF_STILL, (step < 0 ? -step : step) / unit);
    this.#note(at + OFF_IF_STEADY, (turn < 0 ? -turn : turn) / unit);
    this.#state[at + LAST] = value;
    this.#state[at + STEP] = step;
  }

  #note(sum: number, off: number): void {
    const before = this.#get(sum);
    const after = before - Math.floor(before / DECAY) + off;
    this.#state[sum] = after < OFF_LIMIT ? after : OFF_LIMIT;
  }
}

/** 0, -1, 1, -2, 2, ... as 0, 1, 2, 3, 4, ... */
function zigzag(value: number): number {
  return value >= 0 ? 2 * value : -2 * value - 1;
}

function unzigzag(code: number): number {
  if (code < 2 ** SHIFTS) return (code >> 1) ^ -(code & 1);
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
