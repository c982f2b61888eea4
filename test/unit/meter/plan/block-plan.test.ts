import { planBlocks } from '@farola/agent/meter/plan/block-plan.js';
import type { Block } from '@farola/agent/meter/plan/block.js';
import { requestMs, serialCost, USUAL_COST } from '@farola/agent/meter/plan/line-cost.js';
import type { LineCost } from '@farola/agent/meter/plan/line-cost.js';
import { readProfiles, SHIPPED_PROFILES } from '@farola/agent/meter/profile/profile-file.js';
import test from 'ava';
import { profileWith } from '../../../fakes/modbus-profile.js';
import { collectedMeters } from '../../../fakes/profile-vectors.js';

const at = (quantity: string, addr: number, type = 'u32') => ({ quantity, addr, type, scale: 1 });
const shapes = (blocks: readonly Block[]) => blocks.map(({ address, count }) => [address, count]);
const TCP: LineCost = { byteMs: 0, answerMs: 40, gapMs: 0 };

test('reads neighbours in one request', (t) => {
  const profile = profileWith([at('voltageL1', 0), at('voltageL3', 4), at('voltageL2', 2)]);
  t.deepEqual(planBlocks(profile), [{ functionCode: 4, address: 0, count: 6, rows: [0, 2, 1] }]);
});

test('reads across a hole that costs less than a request on this line', (t) => {
  // A register is two bytes of 1.04 ms; a request is 60.8 ms without any, which 29 registers come to.
  const rows = (hole: number) => [at('voltageL1', 0), at('voltageL2', 2 + hole)];
  t.deepEqual(shapes(planBlocks(profileWith(rows(29)))), [[0, 33]]);
  t.deepEqual(shapes(planBlocks(profileWith(rows(30)))), [
    [0, 2],
    [32, 2],
  ]);
  const slow = { cost: serialCost(10_000 / 9_600, 200) };
  t.deepEqual(shapes(planBlocks(profileWith(rows(100)), slow)), [[0, 104]]);
  const fewBaud = { cost: serialCost(10_000 / 1_200, 5) };
  t.is(planBlocks(profileWith(rows(10)), fewBaud).length, 1);
  t.is(planBlocks(profileWith(rows(11)), fewBaud).length, 2);
});

test('reads across any hole over TCP, where bytes cost nothing, and no register more than needed', (t) => {
  const rows = [at('voltageL1', 0), at('voltageL2', 100), at('voltageL3', 122), at('currentL1', 124)];
  t.deepEqual(shapes(planBlocks(profileWith(rows), { cost: TCP })), [
    [0, 2],
    [100, 26],
  ]);
});

test('never asks for more registers than the model allows', (t) => {
  const rows = [at('voltageL1', 0), at('voltageL2', 2), at('voltageL3', 4)];
  const blocks = planBlocks(profileWith(rows, { maxRegisters: 5 }));
  t.is(blocks.length, 2);
  t.true(blocks.every(({ count }) => count <= 5));
});

test('takes the split that costs least where several are as few', (t) => {
  // Greedy from the left would read 0 to 21 across the hole of 18, and then 22 to 23.
  const rows = [at('voltageL1', 0), at('voltageL2', 20), at('voltageL3', 22)];
  t.deepEqual(shapes(planBlocks(profileWith(rows, { maxRegisters: 22 }))), [
    [0, 2],
    [20, 4],
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
    { functionCode: 4, address: 0, count: 4, rows: [0, 1] },
    { functionCode: 4, address: 4, count: 4, rows: [2] },
  ]);
});

test('asks for an exclusive register alone, begins no block at one and reads over none in a hole', (t) => {
  const rows = [at('voltageL1', 0), at('voltageL2', 2), at('phaseSequence', 8, 'u16'), at('voltageL3', 9), at('currentL1', 13)];
  t.deepEqual(planBlocks(profileWith(rows, { exclusive: [3, 8, 12] })), [
    { functionCode: 4, address: 0, count: 4, rows: [0, 1] },
    { functionCode: 4, address: 8, count: 1, rows: [2] },
    { functionCode: 4, address: 9, count: 2, rows: [3] },
    { functionCode: 4, address: 13, count: 2, rows: [4] },
  ]);
});

test('reads the EM300 so that 0x000B is never the begin of a block', async (t) => {
  const { profiles } = await readProfiles([SHIPPED_PROFILES]);
  const profile = profiles.get('carlo-gavazzi-em300')?.profile;
  const blocks = profile ? planBlocks(profile) : [];
  t.true(blocks.length > 0 && !blocks.some(({ address }) => address === 0x000b));
  t.true(blocks.some(({ address, count }) => address < 0x000b && 0x000b < address + count));
});

test('reads on across no barrier, and touches no register that the model refuses', (t) => {
  const rows = [at('voltageL1', 0), at('voltageL2', 2), at('voltageL3', 4), at('currentL1', 9)];
  t.deepEqual(shapes(planBlocks(profileWith(rows, { barriers: [2], unreadable: [{ from: 7, to: 7 }] }))), [
    [0, 2],
    [2, 4],
    [9, 2],
  ]);
});

test('takes the register in front where the one behind cannot make the number even', (t) => {
  const terms = { evenCountOnly: true, unreadable: [{ from: 5, to: 9 }] };
  t.deepEqual(shapes(planBlocks(profileWith([at('voltageL1', 4, 'u16')], terms))), [[3, 2]]);
});

test('reads no hole longer than the model allows', (t) => {
  const rows = [at('voltageL1', 0), at('voltageL2', 3), at('voltageL3', 7)];
  t.deepEqual(shapes(planBlocks(profileWith(rows, { maxHoleRegisters: 1 }))), [
    [0, 5],
    [7, 2],
  ]);
});

test('keeps function codes apart', (t) => {
  const rows = [at('voltageL1', 0), { ...at('voltageL2', 2), functionCode: 3 }, at('voltageL3', 4)];
  t.deepEqual(planBlocks(profileWith(rows)), [
    { functionCode: 3, address: 2, count: 2, rows: [1] },
    { functionCode: 4, address: 0, count: 6, rows: [0, 2] },
  ]);
});

test('plans only the rows that are due', (t) => {
  const profile = profileWith([at('voltageL1', 0), at('voltageL2', 2), at('voltageL3', 90)]);
  t.deepEqual(shapes(planBlocks(profile, { rows: [1] })), [[2, 2]]);
});

const passMs = (blocks: readonly Block[]) => blocks.reduce((sum, { count }) => sum + requestMs(count, USUAL_COST), 0);

test('reads the 552 collected registers in at most 52 requests, as notes tell for 9600 baud and 40 ms', (t) => {
  const requests = collectedMeters().map(({ registers, ...limits }) => {
    const rows = registers.map(({ addr, type, scale }) => ({ quantity: 'voltageL1', addr, type, scale }));
    return planBlocks(profileWith(rows, limits)).length;
  });
  const sum = requests.reduce((a, b) => a + b, 0);
  t.log(`${sum} requests`);
  t.true(sum <= 52);
});

test('reads the 15 shipped models in at most 52 requests, and an SDM630 in at most 0.55 s', async (t) => {
  const { profiles } = await readProfiles([SHIPPED_PROFILES]);
  const plans = [...profiles.values()].map(({ profile }) => planBlocks(profile));
  t.is(plans.length, 15);
  t.true(plans.flat().length <= 52);
  const sdm630 = profiles.get('eastron-sdm630')?.profile;
  const ms = sdm630 ? passMs(planBlocks(sdm630)) : Infinity;
  t.log(`${plans.flat().length} requests, SDM630 ${ms.toFixed(0)} ms`);
  t.true(ms <= 550);
});
