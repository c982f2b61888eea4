import type { NumberType } from '../profile/register-type.js';
import { looksLike } from './looks-like.js';
import type { Likely } from './looks-like.js';
import type { RegisterAnswers } from './read-registers.js';
import { NUMBER_SHAPES, numbersAt, saysMore } from './register-numbers.js';
import type { NumberShape } from './register-numbers.js';
import type { RegisterOrder } from './register-order.js';

/** A number that registers may hold. */
export interface Decoding {
  readonly order: RegisterOrder;
  /** Decimal text. */
  readonly value: string;
  readonly looksLike: readonly Likely[];
}

/** The registers from one address on, read as one type in the orders that give a plausible number. */
export interface DecodedType extends NumberShape {
  readonly address: number;
  readonly decodings: readonly Decoding[];
}

/** Sizes that a measurement has, 0 beside: beyond them a float is the bits of something else. */
const FLOAT = { from: 1e-4, to: 1e12 };
/** What a counter of 64 bits can have come to. */
const MOST_WHOLE = 1e15;

/**
 * Every plausible number that registers may hold, from each address on: in each type and order. A signed one is told where it differs
 * from the unsigned one; an order where it gives another number than those before.
 */
export function rawDecodings(answers: RegisterAnswers): DecodedType[] {
  return [...answers.keys()]
    .toSorted((a, b) => a - b)
    .flatMap((address) => NUMBER_SHAPES.map((shape) => decoded(answers, address, shape)))
    .filter(({ decodings }) => decodings.length > 0);
}

function decoded(answers: RegisterAnswers, address: number, shape: NumberShape): DecodedType {
  const { type, registers } = shape;
  const decodings: Decoding[] = [];
  for (const { order, exact, value } of numbersAt(answers, address, shape)) {
    const isFloat = type.startsWith('float');
    if (!isPlausible(type, value) || (value === 0 && exact.numerator !== 0n)) continue;
    const text = isFloat ? floatText(value, type) : String(exact.numerator);
    if (decodings.some((before) => before.value === text)) continue;
    decodings.push({ order, value: text, looksLike: looksLike({ value, isFloat, registers }) });
  }
  return { address, ...shape, decodings };
}

function isPlausible(type: NumberType, value: number): boolean {
  if (type.startsWith('float')) return value === 0 || (Math.abs(value) >= FLOAT.from && Math.abs(value) <= FLOAT.to);
  return saysMore(type, value) && Math.abs(value) <= MOST_WHOLE;
}

/** As many digits as the type holds. */
function floatText(value: number, type: NumberType): string {
  return String(Number(value.toPrecision(type === 'float32' ? 7 : 15)));
}

/** The characters in registers, two in each; undefined where most of them cannot be seen. */
export function textIn(words: readonly number[]): string | undefined {
  const characters = words.flatMap((word) => [word >> 8, word & 0xff]);
  const seen = characters.filter((code) => code >= 0x20 && code < 0x7f);
  if (seen.length < 2 || seen.length < 0.75 * characters.length) return undefined;
  return String.fromCharCode(...characters.map((code) => (code >= 0x20 && code < 0x7f ? code : 0x2e)));
}
