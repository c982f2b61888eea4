import { quantityByName } from '@farola/shared';
import type { SampleValue } from '@farola/shared';
import { decimalOf, product, rounded, scaledByTen, sum } from './exact-decimal.js';
import type { Rational } from './exact-decimal.js';
import type { Profile, ProfileRow, RegisterPart } from './profile.js';
import { bitsOf, numberOf, registersOf } from './register-type.js';
import type { WordOrder } from './register-type.js';

/** Registers as an answer carried them. */
export interface RegisterImage {
  /** Address of the first register. */
  readonly address: number;
  /** Two bytes per register, high byte first. */
  readonly bytes: Uint8Array;
}

/** Beyond 64 bits a value is no measurement, and fits no entry. */
const LARGEST = 2n ** 63n - 1n;

/**
 * The value of a row: raw number times scale, exactly, rounded to the decimals of the quantity, halves away from zero.
 * null when the analyser says that it has no value: invalid bits, NaN, an infinity, more than 64 bits.
 * @throws RangeError when the image does not hold the row's registers
 */
export function decodeRow(row: ProfileRow, image: RegisterImage, { wordOrder }: Pick<Profile, 'wordOrder'>): SampleValue {
  const exact = 'composite' in row ? composite(row.composite, image, wordOrder) : scaled(row, image, wordOrder);
  const quantity = quantityByName(row.quantity);
  if (!exact || !quantity) return null;
  const value = rounded(scaledByTen(exact, quantity.decimals));
  if (value > LARGEST || value < -LARGEST) return null;
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

type Composite = Extract<ProfileRow, { composite: unknown }>['composite'];

function composite(pair: Composite, image: RegisterImage, order: WordOrder): Rational | undefined {
  const low = raw(pair.low, image, order);
  const lowScaled = low && product(low, decimalOf(pair.low.scale));
  const { lowIsTotalFrom } = pair;
  if (low && lowIsTotalFrom !== undefined && low.numerator >= BigInt(lowIsTotalFrom) * low.denominator) {
    return lowScaled;
  }
  const high = scaled(pair.high, image, order);
  return high && lowScaled && sum(high, lowScaled);
}

function scaled(part: RegisterPart, image: RegisterImage, order: WordOrder): Rational | undefined {
  const number = raw(part, image, order);
  return number && product(number, decimalOf(part.scale));
}

function raw(part: RegisterPart, image: RegisterImage, order: WordOrder): Rational | undefined {
  const bits = bitsOf(registersAt(part, image), order);
  return part.invalid.some((invalid) => BigInt(invalid) === bits) ? undefined : numberOf(bits, part.type);
}

function registersAt({ addr, type }: RegisterPart, { address, bytes }: RegisterImage): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: registersOf(type) }, (_, index) => view.getUint16(2 * (addr - address + index)));
}
