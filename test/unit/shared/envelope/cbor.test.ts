import { isDeepStrictEqual } from 'node:util';
import { type Cbor, decodeCbor, encodeCbor, fromHex, LIMITS, MalformedCbor, toHex } from '@farola/shared';
import test from 'ava';
import { decode, encode } from 'cborg';
import fc from 'fast-check';
import { cborValues } from '../arbitraries.js';
import { runs } from '../runs.js';

/** The value, or undefined when the bytes are refused; anything else thrown fails the test. */
function tryDecode(bytes: Uint8Array): Cbor | undefined {
  try {
    return decodeCbor(bytes);
  } catch (error) {
    if (error instanceof MalformedCbor) return undefined;
    throw error;
  }
}

/** What is read is written back to the same bytes, and cborg, strict, reads and writes the same. */
function agreesWithItself(bytes: Uint8Array): boolean {
  const value = tryDecode(bytes);
  if (value === undefined) return true;
  return Buffer.compare(encodeCbor(value), bytes) === 0 && Buffer.compare(encode(value), bytes) === 0;
}

test('every value of the subset comes back as it was', (t) => {
  fc.assert(
    fc.property(cborValues(), (value) => isDeepStrictEqual(decodeCbor(encodeCbor(value)), value)),
    runs(1000),
  );
  t.pass();
});

test('what we write is what cborg writes', (t) => {
  const values = fc.oneof(cborValues(), fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n - 1n }));
  fc.assert(
    fc.property(values, (value) => Buffer.compare(encodeCbor(value), encode(value)) === 0),
    runs(3000),
  );
  t.pass();
});

const LARGE: Readonly<Record<string, Cbor>> = {
  'bytes': new Uint8Array(200_000).fill(7),
  'text of three bytes a character': '\u20ac'.repeat(70_000),
  'an array of many': Array.from({ length: 100_000 }, (_, i) => i * i),
  'a map of many, the last key first': new Map(Array.from({ length: 70_000 }, (_, i) => [50_000 - i, [i]])),
};
for (const [what, value] of Object.entries(LARGE)) {
  test(`${what}: cborg writes the same, and what was written before stays as it was`, (t) => {
    const before = encodeCbor(['before']);
    t.is(Buffer.compare(encodeCbor(value), encode(value)), 0);
    t.is(toHex(encodeCbor(1)), '01');
    t.is(toHex(before), '81666265666f7265');
  });
}

test('after a value that is not encoded, the next one is encoded whole', (t) => {
  t.throws(() => encodeCbor([1, [2, 0.5]]), { instanceOf: RangeError });
  t.is(toHex(encodeCbor([3])), '8103');
});

test('cborg, strict, reads what we write as we read it', (t) => {
  const options = { strict: true, useMaps: true, allowIndefinite: false, rejectDuplicateMapKeys: true };
  fc.assert(
    fc.property(cborValues(), (value) => {
      const bytes = encodeCbor(value);
      // cborg drops a byte order mark at the beginning of a text.
      if (toHex(bytes).includes('efbbbf')) return true;
      return isDeepStrictEqual(decode(bytes, options), decodeCbor(bytes));
    }),
    runs(1000),
  );
  t.pass();
});

test('random bytes are refused, or are the one encoding of their value', (t) => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 24 }), agreesWithItself), runs(20_000));
  t.pass();
});

test('valid bytes with one byte changed are refused, or are the one encoding of another value', (t) => {
  fc.assert(
    fc.property(cborValues(4), fc.nat(), fc.nat(255), (value, at, byte) => {
      const bytes = encodeCbor(value);
      bytes[at % bytes.length] = byte;
      return agreesWithItself(bytes);
    }),
    runs(5000),
  );
  t.pass();
});

test('no three bytes read as two different things', (t) => {
  for (let n = 0; n < 2 ** 16; n++) {
    const two = Uint8Array.of(n >> 8, n & 255);
    if (!agreesWithItself(two)) t.fail(toHex(two));
    for (const last of [0x00, 0x17, 0x18, 0x20, 0x40, 0x60, 0x80, 0xf4, 0xff]) {
      const three = Uint8Array.of(n >> 8, n & 255, last);
      if (!agreesWithItself(three)) t.fail(toHex(three));
    }
  }
  t.pass();
});

test('a value cut short anywhere, or followed by anything, is refused', (t) => {
  fc.assert(
    fc.property(cborValues(4), fc.nat(255), (value, byte) => {
      const bytes = encodeCbor(value);
      for (let length = 0; length < bytes.length; length++) {
        if (tryDecode(bytes.subarray(0, length)) !== undefined) return false;
      }
      return tryDecode(Buffer.concat([bytes, Uint8Array.of(byte)])) === undefined;
    }),
    runs(300),
  );
  t.pass();
});

const INTEGERS: readonly (readonly [number | bigint, string])[] = [
  [0, '00'],
  [-0, '00'],
  [23, '17'],
  [24, '1818'],
  [255, '18ff'],
  [256, '190100'],
  [65_535, '19ffff'],
  [65_536, '1a00010000'],
  [2 ** 32 - 1, '1affffffff'],
  [2 ** 32, '1b0000000100000000'],
  [Number.MAX_SAFE_INTEGER, '1b001fffffffffffff'],
  [2n ** 53n, '1b0020000000000000'],
  [2n ** 53n + 1n, '1b0020000000000001'],
  [2n ** 64n - 1n, '1bffffffffffffffff'],
  [-1, '20'],
  [-24, '37'],
  [-25, '3818'],
  [-(2 ** 32), '3affffffff'],
  [-(2 ** 32) - 1, '3b0000000100000000'],
  [Number.MIN_SAFE_INTEGER, '3b001ffffffffffffe'],
  [-(2n ** 53n), '3b001fffffffffffff'],
  [-(2n ** 53n) - 1n, '3b0020000000000000'],
  [-(2n ** 64n), '3bffffffffffffffff'],
];

for (const [value, hex] of INTEGERS) {
  test(`${Object.is(value, -0) ? '-0' : value} is ${hex}`, (t) => {
    t.is(toHex(encodeCbor(value)), hex);
    t.is(decodeCbor(fromHex(hex)), Object.is(value, -0) ? 0 : value);
  });
}

test('a bigint is written in the shortest form', (t) => {
  for (const [value, hex] of INTEGERS) t.is(toHex(encodeCbor(BigInt(value))), hex);
});

const NOT_ENCODED: readonly (readonly [string, unknown])[] = [
  ['a fraction', 0.5],
  ['NaN', Number.NaN],
  ['infinity', Number.POSITIVE_INFINITY],
  ['a number that is not exact', 2 ** 53],
  ['a bigint of 65 bits', 2n ** 64n],
  ['a negative bigint of 65 bits', -(2n ** 64n) - 1n],
  ['half a surrogate pair', 'a\ud800'],
  ['undefined', undefined],
  ['a hole in an array', Array(1)],
  ['an object', { a: 1 }],
  ['a set', new Set([1])],
  ['a function', () => 1],
  ['a map with text keys', new Map([['a', 1]])],
  ['a map with a key that is no integer', new Map([[0.5, 1]])],
];

for (const [what, value] of NOT_ENCODED) {
  test(`${what} is not encoded`, (t) => {
    t.throws(() => encodeCbor(value as Cbor), { instanceOf: RangeError });
    t.throws(() => encodeCbor([value as Cbor]), { instanceOf: RangeError });
    t.throws(() => encodeCbor(new Map([[1, value as Cbor]])), { instanceOf: RangeError });
  });
}

test('arrays may be 8 deep and not 9', (t) => {
  const deep = (depth: number): Uint8Array => fromHex('81'.repeat(depth) + '00');
  t.notThrows(() => decodeCbor(deep(LIMITS.depth)));
  t.throws(() => decodeCbor(deep(LIMITS.depth + 1)), { instanceOf: MalformedCbor });
});

test('100 000 arrays or maps inside each other are refused without using the stack', (t) => {
  t.throws(() => decodeCbor(new Uint8Array(100_000).fill(0x81)), { instanceOf: MalformedCbor });
  t.throws(() => decodeCbor(Buffer.from('a100'.repeat(100_000), 'hex')), { instanceOf: MalformedCbor });
});

const LENGTHS = {
  '2^31': '1a80000000',
  '2^32': '1b0000000100000000',
  '2^53': '1b0020000000000000',
  '2^64 - 1': '1bffffffffffffffff',
};
for (const [length, head] of Object.entries(LENGTHS)) {
  for (const [what, major] of Object.entries({ bytes: 0x40, text: 0x60, array: 0x80, map: 0xa0 })) {
    test(`a declared length of ${length} (${what}) is refused without memory for it`, (t) => {
      const bytes = Buffer.concat([Buffer.from(head, 'hex'), new Uint8Array(64)]);
      bytes[0] = (bytes[0] as number) | major;
      const before = process.memoryUsage().rss;
      t.throws(() => decodeCbor(bytes), { instanceOf: MalformedCbor, message: 'ends too early' });
      t.true(process.memoryUsage().rss - before < 64e6);
    });
  }
}

test('byte strings that are read share no memory with what was received', (t) => {
  const received = fromHex('43010203');
  const value = decodeCbor(received) as Uint8Array;
  received.fill(0);
  t.deepEqual(value, Uint8Array.of(1, 2, 3));
  t.is(value.buffer.byteLength, 3);
});
