import { askFact, factBlock } from '@farola/agent/meter/identity/ask-fact.js';
import { recognise } from '@farola/agent/meter/identity/recognise.js';
import { readProfiles, SHIPPED_PROFILES } from '@farola/agent/meter/profile/profile-file.js';
import type { Profile } from '@farola/agent/meter/profile/profile.js';
import test from 'ava';
import { FactDevice } from '../../../fakes/fact-device.js';
import type { DeviceFacts } from '../../../fakes/fact-device.js';
import { profileWith } from '../../../fakes/modbus-profile.js';

const { profiles } = await readProfiles([SHIPPED_PROFILES]);
const shipped = [...profiles.values()].map(({ profile }) => profile);

function profileOf(id: string): Profile {
  const profile = shipped.find((one) => one.id === id);
  if (!profile) throw new RangeError(`${id} is not shipped`);
  return profile;
}

async function seen(id: string, facts: DeviceFacts) {
  const device = new FactDevice().become({ profile: profileOf(id), facts });
  const recognised = await recognise({ analyser: 'one', unit: 1, client: device }, shipped);
  return { recognised, asked: device.asked };
}

for (const { id, identity } of shipped.filter((profile) => profile.identity?.model)) {
  const [value = ''] = Object.keys(identity?.model?.values ?? {});
  test(`a device of ${id} is recognised in a few requests`, async (t) => {
    const { recognised, asked } = await seen(id, { model: value });
    t.true(recognised.looksLike.some(({ profileId }) => profileId === id));
    t.true(asked.length <= 4, String(asked.length));
  });
}

test('of profiles with one maker and one register the product name chooses', async (t) => {
  const alike = await seen('socomec-diris-a10', { model: 'SOCO' });
  t.is(alike.recognised.looksLike.length, 4);
  const told = await seen('socomec-diris-a10', { model: 'SOCO', productName: 'DIRIS A-10' });
  t.deepEqual(told.recognised.looksLike, [{ profileId: 'socomec-diris-a10', vendor: 'Socomec', model: 'DIRIS A-' }]);
});

test('what a profile knows and does not fit is told with its reason', async (t) => {
  const { recognised } = await seen('carlo-gavazzi-em300', { model: 330 });
  t.deepEqual(recognised, { answered: true, looksLike: [], why: 'engineering sample: high word first' });
});

test('one who does not answer is asked once', async (t) => {
  const device = new FactDevice();
  device.isSilent = true;
  t.like(await recognise({ analyser: 'one', unit: 1, client: device }, shipped), { answered: false, looksLike: [] });
  t.is(device.asked.length, 1);
});

const ROW = { quantity: 'voltageL1', addr: 0, type: 'u16', scale: 1 };
const fact = { addr: 0x10, type: 'u16' as const };

test('a fact is asked for alone, and with registers beside while an answer of its length is owed', (t) => {
  const profile = profileWith([ROW]);
  t.deepEqual(factBlock(profile, fact, new Set()), { functionCode: 4, address: 0x10, count: 1 });
  t.deepEqual(factBlock(profile, fact, new Set([1, 2])), { functionCode: 4, address: 0x10, count: 3 });
  const even = profileWith([ROW], { evenCountOnly: true });
  t.deepEqual(factBlock(even, fact, new Set()), { functionCode: 4, address: 0x10, count: 2 });
  const exclusive = profileWith([ROW], { exclusive: [0x10] });
  t.deepEqual(factBlock(exclusive, fact, new Set([1])), { functionCode: 4, address: 0x10, count: 1 });
  const closed = profileWith([ROW], { unreadable: [{ from: 0x11, to: 0x20 }] });
  t.deepEqual(factBlock(closed, fact, new Set([1])), { functionCode: 4, address: 0x0f, count: 2 });
});

test('a refusal of registers beside is no answer about the fact', async (t) => {
  const model = { ...fact, values: { 5: 'Five' } };
  const profile = profileWith([ROW], { identity: { model } });
  const device = new FactDevice().become({ profile, facts: { model: 5 } });
  device.owed = new Set([1]);
  t.deepEqual(await askFact({ analyser: 'one', unit: 1, client: device }, profile, model), { kind: 'says', text: '5' });
  t.deepEqual(
    device.asked.map(({ count }) => count),
    [2, 1],
  );
});

test('a register that says that it has no value says nothing', async (t) => {
  const { invalid } = profileOf('abb-b23-b24');
  const profile = profileWith([ROW], { invalid, identity: { serialNumber: { addr: 9, type: 'u32' } } });
  const device = new FactDevice().become({ profile, facts: { serialNumber: 0xffffffff } });
  const serial = profile.identity?.serialNumber;
  if (!serial) throw new RangeError('the profile has one');
  t.deepEqual(await askFact({ analyser: 'one', unit: 1, client: device }, profile, serial), { kind: 'says', text: null });
});
