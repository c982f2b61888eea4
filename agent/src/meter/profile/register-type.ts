import { exactDouble } from './exact-decimal.js';
import type { Rational } from './exact-decimal.js';

/** How a binary number lies in registers of 16 bits. */
export const REGISTER_TYPES = ['u16', 's16', 'u32', 's32', 'u64', 's64', 'float32', 'float64'] as const;

/** How any number lies in registers: binary, or `bcd`, four decimal digits in each register. */
export const NUMBER_TYPES = [...REGISTER_TYPES, 'bcd'] as const;

/** Name of a binary layout. */
export type RegisterType = (typeof REGISTER_TYPES)[number];
/** Name of a layout of numbers. */
export type NumberType = (typeof NUMBER_TYPES)[number];

/** `highFirst`: the most significant register comes first, ABCD; `lowFirst`: last, CDAB. */
export type WordOrder = 'highFirst' | 'lowFirst';

/** Registers that a binary number of this type takes. */
export function registersOf(type: RegisterType): 1 | 2 | 4 {
  if (type.endsWith('16')) return 1;
  return type.endsWith('32') ? 2 : 4;
}

/** Registers that a part of a profile takes: by its type, or as many as it tells. */
export function lengthOf({
  type,
  registers,
}: {
  readonly type: NumberType | 'string';
  readonly registers?: number | undefined;
}): number {
  return type === 'bcd' || type === 'string' ? (registers ?? 1) : registersOf(type);
}

/** The bits of the registers as one unsigned number, most significant register first. */
export function bitsOf(registers: readonly number[], order: WordOrder): bigint {
  const inOrder = order === 'highFirst' ? registers : registers.toReversed();
  return inOrder.reduce((bits, register) => (bits << 16n) | BigInt(register), 0n);
}

/** The exact number that the bits mean in this type; undefined for a float that is NaN or infinite, and bcd with other digits. */
export function numberOf(bits: bigint, type: NumberType): Rational | undefined {
  if (type === 'float32' || type === 'float64') return exactDouble(floatOf(bits, type));
  if (type === 'bcd') return decimalDigits(bits);
  const width = registersOf(type) * 16;
  return { numerator: type.startsWith('s') ? BigInt.asIntN(width, bits) : bits, denominator: 1n };
}

function decimalDigits(bits: bigint): Rational | undefined {
  const digits = bits.toString(16);
  return /^\d+$/.test(digits) ? { numerator: BigInt(digits), denominator: 1n } : undefined;
}

function floatOf(bits: bigint, type: 'float32' | 'float64'): number {
  const view = new DataView(new ArrayBuffer(8));
  if (type === 'float64') {
    view.setBigUint64(0, bits);
    return view.getFloat64(0);
  }
  view.setUint32(0, Number(bits));
  return view.getFloat32(0);
}
