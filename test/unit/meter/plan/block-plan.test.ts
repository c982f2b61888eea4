import { planBlocks, splitAtHoles } from '@farola/agent/meter/plan/block-plan.js';
import type { Block } from '@farola/agent/meter/plan/block-plan.js';
import { spanOf } from '@farola/agent/meter/profile/profile.js';
import type { Profile } from '@farola/agent/meter/profile/profile.js';
import { SHIPPED_PROFILES, readProfiles } from '@farola/agent/meter/profile/profile-file.js';
import { QUANTITIES } from '@farola/shared';
import test from 'ava';
import fc from 'fast-check';
import { profileWith } from '../../../fakes/modbus-profile.js';

const at = (quantity: string, addr: number, type = 'u32') => ({ quantity, addr, type, scale: 1 });
const shapes = (blocks: readonly Block[]) => blocks.map(({ address, count }) => [address, count]);

test('reads neighbours in one request', (t) => {
  const profile = profileWith([at('voltageL1', 0), at('voltageL3', 4), at('voltageL2', 2)]);
  t.deepEqual(planBlocks(profile), [{ address: 0, count: 6, rows: [0, 2, 1] }]);
});

test('reads across a hole that costs less than a request', (t) => {
  const rows = [at('voltageL1', 0), at('voltageL2', 32)];
  t.deepEqual(shapes(planBlocks(profileWith(rows, { maxHoleBytes: 60 }))), [[0, 34]]);
  t.deepEqual(shapes(planBlocks(profileWith(rows, { maxHoleBytes: 59 }))), [
    [0, 2],
    [32, 2],
  ]);
});

test('never asks for more registers than the model allows', (t) => {
  const rows = [at('voltageL1', 0), at('voltageL2', 2), at('voltageL3', 4)];
  t.deepEqual(shapes(planBlocks(profileWith(rows, { maxRegisters: 5 }))), [
    [0, 4],
    [4, 2],
  ]);
});

test('asks for an even number where the model wants it', (t) => {
  const rows = [at('voltageL1', 0, 'u16'), at('voltageL2', 100, 'u16'), at('voltageL3', 0xffff, 'u16')];
  t.deepEqual(shapes(planBlocks(profileWith(rows, { evenCountOnly: true }))), [
    [0, 2],
    [100, 2],
    [0xfffe, 2],
  ]);
});

test('reads both halves of a counter in one request', (t) => {
  const composite = { high: { addr: 4, type: 'u32', scale: 1_000 }, low: { addr: 6, type: 'u32', scale: 1 } };
  const rows = [at('voltageL1', 0), at('voltageL2', 2), { quantity: 'activeEnergyImportTotal', composite }];
  t.deepEqual(planBlocks(profileWith(rows, { maxRegisters: 6 })), [
    { address: 0, count: 4, rows: [0, 1] },
    { address: 4, count: 4, rows: [2] },
  ]);
});

test('splits a block at its holes', (t) => {
  const profile = profileWith([at('voltageL1', 0), at('voltageL2', 2), at('voltageL3', 8)]);
  const [block] = planBlocks(profile);
  t.deepEqual(block ? shapes(splitAtHoles(block, profile)) : [], [
    [0, 4],
    [8, 2],
  ]);
});

test('reads the shipped models in few requests', async (t) => {
  const { profiles } = await readProfiles([SHIPPED_PROFILES]);
  const plan = (id: string) => {
    const loaded = profiles.get(id);
    return loaded ? shapes(planBlocks(loaded.profile)) : [];
  };
  t.deepEqual(plan('circutor-cvm-c10'), [
    [0x00, 40],
    [0x28, 40],
    [0x50, 2],
    [0xdc, 24],
  ]);
  t.deepEqual(plan('eastron-sdm630'), [
    [0x00, 58],
    [0x3c, 22],
    [0xc8, 46],
    [0x156, 16],
  ]);
});

const profiles: fc.Arbitrary<Profile> = fc
  .record({
    addrs: fc.uniqueArray(fc.integer({ min: 0, max: 0xfffc }), { minLength: 1, maxLength: 40 }),
    types: fc.array(fc.constantFrom('u16', 's32', 'float64'), { minLength: 40, maxLength: 40 }),
    maxRegisters: fc.integer({ min: 4, max: 125 }),
    maxHoleBytes: fc.integer({ min: 0, max: 250 }),
    evenCountOnly: fc.boolean(),
  })
  .map(({ addrs, types, ...limits }) =>
    profileWith(
      addrs.map((addr, index) => at(QUANTITIES[index]?.name ?? '', addr, types[index])),
      limits,
    ),
  );

test('covers every row once, whole, within the limits of the model', (t) => {
  fc.assert(
    fc.property(profiles, (profile) => {
      const blocks = planBlocks(profile);
      const rows = blocks.flatMap((block) => block.rows).toSorted((a, b) => a - b);
      t.deepEqual(rows, [...profile.rows.keys()]);
      for (const { address, count, rows: inBlock } of blocks) {
        t.true(count <= profile.maxRegisters && address >= 0 && address + count <= 0x10000);
        t.true(!profile.evenCountOnly || count % 2 === 0);
        for (const index of inBlock) {
          const row = profile.rows[index];
          const { from, to } = row ? spanOf(row) : { from: -1, to: -1 };
          t.true(from >= address && to <= address + count);
        }
      }
    }),
  );
});
