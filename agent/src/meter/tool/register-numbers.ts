import type { NumberType } from '../profile/register-type.js';
import type { Rational } from '../profile/exact-decimal.js';
import { wordsAt } from './read-registers.js';
import type { RegisterAnswers } from './read-registers.js';
import { numberIn, plainNumber, REGISTER_ORDERS } from './register-order.js';
import type { RegisterOrder } from './register-order.js';

/** A type, and how many registers a number of it takes. */
export interface NumberShape {
  readonly type: NumberType;
  readonly registers: 1 | 2 | 4;
}

/** Every one that makers use; decimal digits are not known longer. */
export const NUMBER_SHAPES: readonly NumberShape[] = [
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

/** One register has two orders. */
const SHORT_ORDERS: readonly RegisterOrder[] = ['ABCD', 'BADC'];
/** Up to nine, decimal digits are what a plain number is. */
const LEAST_BCD = 10;

/** What registers hold in one shape and order. */
export interface HeldNumber {
  readonly order: RegisterOrder;
  readonly exact: Rational;
  readonly value: number;
}

/** The numbers that the registers from an address on hold in a shape, by order; none where one of them was refused. */
export function numbersAt(answers: RegisterAnswers, address: number, { type, registers }: NumberShape): HeldNumber[] {
  const words = wordsAt(answers, address, registers);
  if (!words) return [];
  return (registers === 1 ? SHORT_ORDERS : REGISTER_ORDERS).flatMap((order) => {
    const exact = numberIn(words, type, order);
    return exact ? [{ order, exact, value: plainNumber(exact) }] : [];
  });
}

/** Whether a type says more of its registers than the unsigned one does: signed below zero, decimal digits above nine. */
export function saysMore(type: NumberType, value: number): boolean {
  if (type === 'bcd') return value >= LEAST_BCD;
  return !type.startsWith('s') || value < 0;
}
