import { decodeRow } from '@farola/agent/meter/profile/decode-registers.js';
import { REGISTER_TYPES, registersOf } from '@farola/agent/meter/profile/register-type.js';
import test from 'ava';
import fc from 'fast-check';
import { hex } from '../../../fakes/modbus-frames.js';
import { profileWith } from '../../../fakes/modbus-profile.js';

/** Decodes the first row of a profile from registers that begin at address 0. */
function decode(row: object, bytes: Uint8Array, fields: object = {}) {
  const profile = profileWith([row], fields);
  const first = profile.rows[0];
  if (!first) throw new RangeError('no row');
  return decodeRow(first, { address: 0, bytes }, profile);
}

const voltage = { quantity: 'voltageL1', addr: 0 };
const energy = { quantity: 'activeEnergyImportTotal', addr: 0 };

test('decodes the known answer of the CVM-MINI manual as 212.5 V', (t) => {
  t.is(decode({ ...voltage, type: 'u32', scale: 0.1 }, hex('00 00 08 4D')), 21_250);
});

// The four word orders of libmodbus' unit-test.h float vector, of which two exist in registers.
test('decodes the float vector of libmodbus in both word orders', (t) => {
  const row = { quantity: 'activePowerTotal', addr: 0, type: 'float32', scale: 1 };
  t.is(decode(row, hex('47 F1 20 00')), 1_234_560);
  t.is(decode(row, hex('20 00 47 F1'), { wordOrder: 'lowFirst' }), 1_234_560);
});

const CASES: [string, string, string, number | bigint][] = [
  ['u16', '0.1', 'FF FF', 655_350],
  ['s16', '0.1', 'FF FF', -10],
  ['s16', '0.1', '80 00', -327_680],
  ['u32', '0.01', '00 00 00 01', 1],
  ['s32', '1', 'FF FF FF FF', -100],
  ['u64', '1', '00 20 00 00 00 00 00 00', 2n ** 53n * 100n],
  ['s64', '0.01', 'FF FF FF FF FF FF FF FE', -2],
  ['float64', '1', '40 6C C6 66 66 66 66 66', 23_020],
  ['float32', '1', '43 66 33 33', 23_020],
];

for (const [type, scale, bytes, value] of CASES) {
  test(`decodes ${type} ${bytes} times ${scale} V as ${value} hundredths`, (t) => {
    t.is(decode({ ...voltage, type, scale: Number(scale) }, hex(bytes)), value);
  });
}

for (const [what, bytes] of [
  ['NaN', '7F C0 00 00'],
  ['the NaN of Schneider', 'FF C0 00 00'],
  ['infinity', '7F 80 00 00'],
  ['minus infinity', 'FF 80 00 00'],
  ['more than 64 bits', '7F 7F FF FF'],
]) {
  test(`decodes a float that is ${what} as missing`, (t) => {
    t.is(decode({ ...voltage, type: 'float32', scale: 1 }, hex(bytes ?? '')), null);
  });
}

test('decodes invalid bits as missing, and zero as zero', (t) => {
  const row = { ...voltage, type: 's32', scale: 1, invalid: ['0x7FFFFFFF', '0x80000000'] };
  t.is(decode(row, hex('7F FF FF FF')), null);
  t.is(decode(row, hex('80 00 00 00')), null);
  t.is(decode(row, hex('00 00 00 00')), 0);
});

test('decodes float kWh as the nearest Wh', (t) => {
  const row = { ...energy, type: 'float32', scale: 1_000 };
  t.is(decode(row, hex('46 40 E6 B7')), 12_345_679);
  t.is(decode(row, hex('3A 83 12 6F')), 1);
});

test('rounds halves away from zero', (t) => {
  const row = { quantity: 'activePowerTotal', addr: 0, type: 's16', scale: 0.05 };
  t.is(decode(row, hex('00 01')), 1);
  t.is(decode(row, hex('FF FF')), -1);
});

const pair = {
  quantity: 'activeEnergyImportTotal',
  composite: {
    high: { addr: 0, type: 'u32', scale: 1_000 },
    low: { addr: 2, type: 'u32', scale: 1, invalid: ['0xFFFFFFFF'] },
    lowIsTotalFrom: 1_000,
  },
};

test('adds the remainder to the kWh of a pair', (t) => {
  t.is(decode(pair, hex('00 00 30 39 00 00 03 E7')), 12_345_999);
});

test('takes a low register of 1000 or more for the total', (t) => {
  t.is(decode(pair, hex('00 00 00 01 00 00 03 E8')), 1_000);
  t.is(decode(pair, hex('00 00 30 39 00 BC 61 4E')), 12_345_678);
});

test('misses a pair of which one half is missing', (t) => {
  t.is(decode(pair, hex('00 00 30 39 FF FF FF FF')), null);
});

test('keeps a counter beyond the safe integers exact', (t) => {
  t.is(decode({ ...energy, type: 'u64', scale: 1 }, hex('7F FF FF FF FF FF FF FF')), 2n ** 63n - 1n);
  t.is(decode({ ...energy, type: 'u64', scale: 1 }, hex('FF FF FF FF FF FF FF FF')), null);
});

test('throws when the image does not hold the registers', (t) => {
  t.throws(() => decode({ ...voltage, type: 'u32', scale: 1 }, hex('00 00')), { instanceOf: RangeError });
});

test('decodes any integer register as its exact decimal', (t) => {
  const kinds = fc.constantFrom(...REGISTER_TYPES.filter((type) => !type.startsWith('float')));
  fc.assert(
    fc.property(kinds, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.boolean(), (type, bits, low) => {
      const words = registersOf(type);
      const raw = BigInt.asUintN(16 * words, bits);
      const all = Array.from({ length: words }, (_, i) => Number((raw >> BigInt(16 * (words - 1 - i))) & 0xffffn));
      const registers = low ? all.toReversed() : all;
      const bytes = Uint8Array.from(registers.flatMap((word) => [word >> 8, word & 0xff]));
      const value = decode({ ...energy, type, scale: 1 }, bytes, { wordOrder: low ? 'lowFirst' : 'highFirst' });
      const expected = type.startsWith('s') ? BigInt.asIntN(16 * words, raw) : raw;
      const fits = expected < 2n ** 63n && expected > -(2n ** 63n);
      t.is(value === null ? null : BigInt(value), fits ? expected : null);
    }),
  );
});

test('decodes any float to the integer that is nearest to it', (t) => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }), (float) => {
      const view = new DataView(new ArrayBuffer(4));
      view.setFloat32(0, float);
      const value = decode({ ...voltage, type: 'float32', scale: 1 }, new Uint8Array(view.buffer));
      // A float32 has 24 bits and 100 has 7: the product is exact in a double.
      t.true(Math.abs(Number(value) - float * 100) <= 0.5);
    }),
  );
});
