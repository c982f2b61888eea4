import { counterStep } from '@farola/agent/meter/profile/counter-step.js';
import { decodeFact, decodeRow } from '@farola/agent/meter/profile/decode-registers.js';
import type { Profile } from '@farola/agent/meter/profile/profile.js';
import { readProfiles, SHIPPED_PROFILES } from '@farola/agent/meter/profile/profile-file.js';
import test from 'ava';
import { hex } from '../../../fakes/modbus-frames.js';
import { profileWith } from '../../../fakes/modbus-profile.js';

const { profiles } = await readProfiles([SHIPPED_PROFILES]);

function identityOf(id: string): NonNullable<Profile['identity']> {
  const identity = profiles.get(id)?.profile.identity;
  if (!identity) throw new RangeError(`${id} has no identity`);
  return identity;
}

const PLAIN = profileWith([{ quantity: 'voltageL1', addr: 0, type: 'u16', scale: 1 }]);

test('an identity is read as text of two characters a register', (t) => {
  const { model, serialNumber } = identityOf('abb-b23-b24');
  t.is(model && decodeFact(model, { address: 0x8960, bytes: hex('42 32 33 20') }, PLAIN), 'B23');
  t.is(serialNumber && decodeFact(serialNumber, { address: 0x8900, bytes: hex('00 01 86 A0') }, PLAIN), '100000');
});

test('an identity is read as text of one character a register', (t) => {
  const { model } = identityOf('socomec-diris-b30');
  t.is(model && decodeFact(model, { address: 0xc350, bytes: hex('00 53 00 4F 00 43 00 4F') }, PLAIN), 'SOCO');
});

test('an identity is read as a number, whose text is that of the values', (t) => {
  const { model } = identityOf('carlo-gavazzi-em300');
  const code = model && decodeFact(model, { address: 0x000b, bytes: hex('01 55') }, PLAIN);
  t.is(code, '341');
  t.is(model?.values['341'], 'EM340');
  t.truthy(model?.refused['330']);
});

test('text loses the NULs and blanks that pad it', (t) => {
  const fact = { addr: 0, type: 'string' as const, registers: 4 };
  t.is(decodeFact(fact, { address: 0, bytes: hex('41 42 20 43 20 20 00 00') }, PLAIN), 'AB C');
});

test('bcd with a digit above 9 is missing', (t) => {
  const profile = profileWith([{ quantity: 'activeEnergyImportTotal', addr: 0, type: 'bcd', registers: 2, scale: 1 }]);
  const [row] = profile.rows;
  t.is(row && decodeRow(row, { address: 0, bytes: hex('00 12 34 56') }, profile), 123_456);
  t.is(row && decodeRow(row, { address: 0, bytes: hex('00 12 34 5A') }, profile), null);
});

test('a row goes by the sentinels of its type, unless it has its own', (t) => {
  const rows = [
    { quantity: 'voltageL1', addr: 0, type: 'u16', scale: 1 },
    { quantity: 'voltageL2', addr: 0, type: 'u16', scale: 1, invalid: ['0x00FF'] },
    { quantity: 'voltageL3', addr: 0, type: 'u16', scale: 1, invalid: [] },
  ];
  const profile = profileWith(rows, { invalid: { u16: ['0xFFxx'] } });
  const decoded = (bytes: string) => profile.rows.map((row) => decodeRow(row, { address: 0, bytes: hex(bytes) }, profile));
  t.deepEqual(decoded('FF FF'), [null, 6_553_500, 6_553_500]);
  t.deepEqual(decoded('FF 00'), [null, 6_528_000, 6_528_000]);
  t.deepEqual(decoded('00 FF'), [25_500, null, 25_500]);
  t.deepEqual(decoded('00 00'), [0, 0, 0]);
});

test('a zero is missing only where the model says so', (t) => {
  const row = { quantity: 'apparentEnergyTotal', addr: 0, type: 'u16', scale: 1 };
  const profile = profileWith([row, { ...row, quantity: 'activeEnergyImportTotal', zeroIsMissing: true }]);
  t.deepEqual(
    profile.rows.map((one) => decodeRow(one, { address: 0, bytes: hex('00 00') }, profile)),
    [0, null],
  );
});

test('the steps of float counters are those that the makers tell', (t) => {
  for (const [id, quantity] of [
    ['eastron-sdm630', 'activeEnergyImportTotal'],
    ['janitza-umg96rm', 'activeEnergySumTotal'],
  ] as const) {
    const profile = profiles.get(id)?.profile;
    const row = profile?.rows.find((one) => one.quantity === quantity);
    const steps = profile?.counters?.steps ?? [];
    t.is(steps.length, 3);
    for (const { from, step } of steps) {
      // The tables round: 7.8125 Wh is 7.8, and 16 777 216 Wh is 16.8 MWh.
      const computed = row ? counterStep(row, from * 1.01) : 0;
      t.true(Math.abs(computed - step) / step < 0.03, `${id}: ${computed} from ${from} on`);
    }
  }
});

test('the step of an integer counter is its scale, that of a pair the finer one', (t) => {
  const step = (id: string, quantity: string): number | undefined => {
    const row = profiles.get(id)?.profile.rows.find((one) => one.quantity === quantity);
    return row && counterStep(row, 1e9);
  };
  t.is(step('abb-b23-b24', 'activeEnergyImportTotal'), 10);
  t.is(step('socomec-diris-b30', 'activeEnergyImportTotal'), 0.1);
  t.is(step('socomec-diris-a10', 'activeEnergyImportPartialTotal'), 1_000);
});
