import { quantityByName } from '@farola/shared';
import type { SampleValue } from '@farola/shared';
import { decimalOf, product, rounded, scaledByTen, sum } from './exact-decimal.js';
import type { Rational } from './exact-decimal.js';
import type { Composite, FactRegister, Profile, ProfileRow, RegisterPart } from './profile.js';
import { bitsOf, lengthOf, numberOf } from './register-type.js';
import { isSentinel } from './sentinel.js';

/** Registers as an answer carried them. */
export interface RegisterImage {
  /** Address of the first register. */
  readonly address: number;
  /** Two bytes per register, high byte first. */
  readonly bytes: Uint8Array;
}

/** What of a profile says how its rows are decoded. */
export type Layout = Pick<Profile, 'wordOrder' | 'byteOrder' | 'invalid'>;

/** Beyond 64 bits a value is no measurement, and fits no entry. */
const LARGEST = 2n ** 63n - 1n;

/**
 * The value of a row: raw number times scale, exactly, rounded to the decimals of the quantity, halves away from zero.
 * null when the analyser says that it has no value: invalid bits, NaN, an infinity, more than 64 bits, or a zero where a
 * zero means that.
 * @throws RangeError when the image does not hold the row's registers
 */
export function decodeRow(row: ProfileRow, image: RegisterImage, profile: Layout): SampleValue {
  const layout = { ...profile, wordOrder: row.wordOrder ?? profile.wordOrder, byteOrder: row.byteOrder ?? profile.byteOrder };
  const exact = 'composite' in row ? composite(row.composite, image, layout) : scaled(row, image, layout);
  const quantity = quantityByName(row.quantity);
  if (!exact || !quantity || (row.zeroIsMissing && exact.numerator === 0n)) return null;
  const value = rounded(scaledByTen(exact, quantity.decimals));
  if (value > LARGEST || value < -LARGEST) return null;
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

function composite(pair: Composite, image: RegisterImage, layout: Layout): Rational | undefined {
  const low = raw(pair.low, image, layout);
  const lowScaled = low && product(low, decimalOf(pair.low.scale));
  const { lowIsTotalFrom } = pair;
  if (low && lowIsTotalFrom !== undefined && low.numerator >= BigInt(lowIsTotalFrom) * low.denominator) {
    return lowScaled;
  }
  const high = scaled(pair.high, image, layout);
  return high && lowScaled && sum(high, lowScaled);
}

function scaled(part: RegisterPart, image: RegisterImage, layout: Layout): Rational | undefined {
  const number = raw(part, image, layout);
  return number && product(number, decimalOf(part.scale));
}

function raw(part: RegisterPart, image: RegisterImage, layout: Layout): Rational | undefined {
  const bits = bitsOf(registersAt(part, image, layout.byteOrder), layout.wordOrder);
  return isSentinel(bits, part.invalid ?? layout.invalid[part.type] ?? []) ? undefined : numberOf(bits, part.type);
}

/** The registers of a part, as they count. */
function registersAt(
  part: Pick<FactRegister, 'addr' | 'type' | 'registers'>,
  { address, bytes }: RegisterImage,
  byteOrder: Profile['byteOrder'],
): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: lengthOf(part) }, (_, index) =>
    view.getUint16(2 * (part.addr - address + index), byteOrder === 'lowFirst'),
  );
}

/**
 * What an identity or setup register says, as `values` of an identity write it: a number in decimals, or text without what
 * pads it. undefined when it is no number, or one that means "no value".
 * @throws RangeError when the image does not hold its registers
 */
export function decodeFact(fact: FactRegister, image: RegisterImage, profile: Layout): string | undefined {
  const registers = registersAt(fact, image, profile.byteOrder);
  if (fact.type === 'string') return trimmed(registers.map((word) => characters(word, fact.charsPerRegister ?? 2)).join(''));
  const bits = bitsOf(registers, fact.wordOrder ?? profile.wordOrder);
  const number = isSentinel(bits, profile.invalid[fact.type] ?? []) ? undefined : numberOf(bits, fact.type);
  if (!number) return undefined;
  if (number.denominator === 1n) return number.numerator.toString();
  return String(Number(number.numerator) / Number(number.denominator));
}

function characters(word: number, perRegister: 1 | 2): string {
  const low = String.fromCharCode(word & 0xff);
  return perRegister === 1 ? low : String.fromCharCode(word >> 8) + low;
}

/** Text without the spaces and NULs around it. */
export function trimmed(text: string): string {
  return text.replace(/^[\s\0]+|[\s\0]+$/g, '');
}
