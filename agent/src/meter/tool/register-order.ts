import type { NumberType, WordOrder } from '../profile/register-type.js';
import { bitsOf, numberOf } from '../profile/register-type.js';
import type { Rational } from '../profile/exact-decimal.js';

/** The order of the bytes of a number of two registers, as drivers name it: ABCD has the most significant byte first. */
export const REGISTER_ORDERS = ['ABCD', 'CDAB', 'BADC', 'DCBA'] as const;
/** One of them. */
export type RegisterOrder = (typeof REGISTER_ORDERS)[number];

/** An order as a profile writes it. */
export function ordersOf(order: RegisterOrder): { readonly wordOrder: WordOrder; readonly byteOrder: WordOrder } {
  return {
    wordOrder: order === 'ABCD' || order === 'BADC' ? 'highFirst' : 'lowFirst',
    byteOrder: order === 'ABCD' || order === 'CDAB' ? 'highFirst' : 'lowFirst',
  };
}

/** The order that a profile writes so. */
export function orderOf({
  wordOrder,
  byteOrder,
}: {
  readonly wordOrder: WordOrder;
  readonly byteOrder: WordOrder;
}): RegisterOrder {
  if (wordOrder === 'highFirst') return byteOrder === 'highFirst' ? 'ABCD' : 'BADC';
  return byteOrder === 'highFirst' ? 'CDAB' : 'DCBA';
}

/** The number that registers hold in this type and order; undefined when they hold none. */
export function numberIn(words: readonly number[], type: NumberType, order: RegisterOrder): Rational | undefined {
  const { wordOrder, byteOrder } = ordersOf(order);
  const swapped = byteOrder === 'highFirst' ? words : words.map((word) => ((word & 0xff) << 8) | (word >> 8));
  return numberOf(bitsOf(swapped, wordOrder), type);
}

/** As a number of JavaScript. */
export function plainNumber({ numerator, denominator }: Rational): number {
  return Number(numerator) / Number(denominator);
}
