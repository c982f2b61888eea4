import { decimalOf, exactDouble, rounded } from '@farola/agent/meter/profile/exact-decimal.js';
import test from 'ava';
import fc from 'fast-check';

for (const [number, numerator, denominator] of [
  [0.1, 1n, 10n],
  [1_000, 1_000n, 1n],
  [0.001, 1n, 1_000n],
  [1e-7, 1n, 10_000_000n],
  [1e21, 10n ** 21n, 1n],
  [2.5e-10, 25n, 10n ** 11n],
] as const) {
  test(`takes ${number} for ${numerator}/${denominator}`, (t) => {
    t.deepEqual(decimalOf(number), { numerator, denominator });
  });
}

test('refuses what is no decimal', (t) => {
  t.throws(() => decimalOf(Number.NaN), { instanceOf: RangeError });
  t.throws(() => decimalOf(Number.POSITIVE_INFINITY), { instanceOf: RangeError });
});

test('takes any finite double exactly', (t) => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
      const exact = exactDouble(number);
      if (!exact) return t.fail();
      const { numerator, denominator } = exact;
      const shift = BigInt(Math.max(0, denominator.toString(2).length - 1));
      t.is(denominator, 1n << shift);
      if (shift <= 1_000n) t.is(Number(numerator) / Number(denominator), number === 0 ? 0 : number);
    }),
  );
});

test('takes the smallest and the largest double exactly', (t) => {
  t.deepEqual(exactDouble(Number.MIN_VALUE), { numerator: 1n, denominator: 1n << 1_074n });
  t.deepEqual(exactDouble(Number.MAX_VALUE), { numerator: BigInt(Number.MAX_VALUE), denominator: 1n });
  t.is(exactDouble(Number.NaN), undefined);
});

for (const [numerator, denominator, nearest] of [
  [1n, 2n, 1n],
  [-1n, 2n, -1n],
  [1n, 3n, 0n],
  [-2n, 3n, -1n],
  [5n, 2n, 3n],
  [0n, 7n, 0n],
] as const) {
  test(`rounds ${numerator}/${denominator} to ${nearest}`, (t) => {
    t.is(rounded({ numerator, denominator }), nearest);
  });
}
