/** An exact number: numerator / denominator, the denominator above zero. */
export interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * The decimal that a number was written as: 0.1 is 1/10, not the nearest double. It takes the shortest text that names
 * the number, as ECMAScript defines it.
 * @throws RangeError for NaN and infinities
 */
export function decimalOf(number: number): Rational {
  const match = DECIMAL.exec(String(number));
  if (!match) throw new RangeError(`${number} is not a decimal number`);
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const digits = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`);
  return scaledByTen({ numerator: digits, denominator: 1n }, Number(exponent) - fraction.length);
}

/** The exact value of a double, which every float32 also is. undefined for NaN and infinities. */
export function exactDouble(number: number): Rational | undefined {
  if (!Number.isFinite(number)) return undefined;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, number);
  const bits = view.getBigUint64(0);
  const field = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = field === 0 ? fraction : fraction | 0x10000000000000n;
  const signed = bits >> 63n ? -mantissa : mantissa;
  // IEEE 754 binary64: bias 1023, 52 fraction bits; subnormals share the exponent of field 1.
  const exponent = BigInt(Math.max(field, 1) - 1075);
  return exponent >= 0n
    ? { numerator: signed << exponent, denominator: 1n }
    : { numerator: signed, denominator: 1n << -exponent };
}

/** The product of two exact numbers. */
export function product(a: Rational, b: Rational): Rational {
  return { numerator: a.numerator * b.numerator, denominator: a.denominator * b.denominator };
}

/** The sum of two exact numbers. */
export function sum(a: Rational, b: Rational): Rational {
  return {
    numerator: a.numerator * b.denominator + b.numerator * a.denominator,
    denominator: a.denominator * b.denominator,
  };
}

/** The number times 10 to the power of `exponent`. */
export function scaledByTen({ numerator, denominator }: Rational, exponent: number): Rational {
  return exponent >= 0
    ? { numerator: numerator * 10n ** BigInt(exponent), denominator }
    : { numerator, denominator: denominator * 10n ** BigInt(-exponent) };
}

/** The nearest integer; halves go away from zero. */
export function rounded({ numerator, denominator }: Rational): bigint {
  const negative = numerator < 0n;
  const magnitude = negative ? -numerator : numerator;
  const nearest = (2n * magnitude + denominator) / (2n * denominator);
  return negative ? -nearest : nearest;
}
