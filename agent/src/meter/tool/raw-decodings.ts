import type { NumberType } from '../profile/register-type.js';
import { looksLike } from './looks-like.js';
import type { Likely } from './looks-like.js';
import { wordsAt } from './read-registers.js';
import type { RegisterAnswers } from './read-registers.js';
import { numberIn, plainNumber, REGISTER_ORDERS } from './register-order.js';
import type { RegisterOrder } from './register-order.js';

/** A number that registers may hold. */
export interface Decoding {
  readonly order: RegisterOrder;
  /** Decimal text. */
  readonly value: string;
  readonly looksLike: readonly Likely[];
}

/** The registers from one address on, read as one type in the orders that give a plausible number. */
export interface DecodedType {
  readonly address: number;
  readonly registers: 1 | 2 | 4;
  readonly type: NumberType;
  readonly decodings: readonly Decoding[];
}

const TYPES: readonly { readonly type: NumberType; readonly registers: 1 | 2 | 4 }[] = [
  { type: 'u16', registers: 1 },
  { type: 's16', registers: 1 },
  { type: 'bcd', registers: 1 },
  { type: 'u32', registers: 2 },
  { type: 's32', registers: 2 },
  { type: 'float32', registers: 2 },
  { type: 'bcd', registers: 2 },
  { type: 'u64', registers: 4 },
  { type: 's64', registers: 4 },
  { type: 'float64', registers: 4 },
];
/** Sizes that a measurement has, 0 beside: beyond them a float is the bits of something else. */
const FLOAT = { from: 1e-4, to: 1e12 };
/** What a counter of 64 bits can have come to. */
const MOST_WHOLE = 1e15;
/** One register has two orders. */
const SHORT_ORDERS: readonly RegisterOrder[] = ['ABCD', 'BADC'];

/**
 * Every plausible number that registers may hold, from each address on: in each type and order. A signed one is told where it differs
 * from the unsigned one; an order where it gives another number than those before.
 */
export function rawDecodings(answers: RegisterAnswers): DecodedType[] {
  return [...answers.keys()]
    .toSorted((a, b) => a - b)
    .flatMap((address) => TYPES.map(({ type, registers }) => decoded(answers, address, type, registers)))
    .filter(({ decodings }) => decodings.length > 0);
}

function decoded(answers: RegisterAnswers, address: number, type: NumberType, registers: 1 | 2 | 4): DecodedType {
  const words = wordsAt(answers, address, registers);
  const decodings: Decoding[] = [];
  for (const order of words ? (registers === 1 ? SHORT_ORDERS : REGISTER_ORDERS) : []) {
    const exact = words && numberIn(words, type, order);
    if (!exact) continue;
    const value = plainNumber(exact);
    const isFloat = type.startsWith('float');
    if (!isPlausible(type, value) || (value === 0 && exact.numerator !== 0n)) continue;
    const text = isFloat ? floatText(value, type) : String(exact.numerator);
    if (decodings.some((before) => before.value === text)) continue;
    decodings.push({ order, value: text, looksLike: looksLike({ value, isFloat, registers }) });
  }
  return { address, registers, type, decodings };
}

function isPlausible(type: NumberType, value: number): boolean {
  if (type.startsWith('float')) return value === 0 || (Math.abs(value) >= FLOAT.from && Math.abs(value) <= FLOAT.to);
  // Up to nine it says what u16 says.
  if (type === 'bcd') return value > 9;
  if (type.startsWith('s')) return value < 0 && value > -MOST_WHOLE;
  return value <= MOST_WHOLE;
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
