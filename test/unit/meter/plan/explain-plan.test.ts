import { explainPlan } from '@farola/agent/meter/plan/explain-plan.js';
import { PlanMemory } from '@farola/agent/meter/plan/plan-memory.js';
import { PlanTerms } from '@farola/agent/meter/plan/plan-terms.js';
import { planText } from '@farola/agent/meter/plan/plan-text.js';
import { readProfiles, SHIPPED_PROFILES } from '@farola/agent/meter/profile/profile-file.js';
import test from 'ava';
import { profileWith } from '../../../fakes/modbus-profile.js';

const at = (quantity: string, addr: number, type = 'u32') => ({ quantity, addr, type, scale: 1 });
const ends = (rows: object[], fields = {}, memory?: PlanMemory) =>
  explainPlan(profileWith(rows, fields), undefined, memory).plan.map((one) => one.ends);

test('tells why each request ends where it does', (t) => {
  const rows = [at('voltageL1', 0), at('voltageL2', 2), at('voltageL3', 50)];
  t.deepEqual(ends(rows), ['dearer', 'end']);
  t.deepEqual(ends(rows, { maxRegisters: 3 }), ['limit', 'limit', 'end']);
  t.deepEqual(ends(rows, { barriers: [2] }), ['barrier', 'dearer', 'end']);
  t.deepEqual(ends(rows, { unreadable: [{ from: 10, to: 12 }] }), ['unreadable', 'end']);
  t.deepEqual(ends(rows, { maxHoleRegisters: 10 }), ['hole-too-long', 'end']);
  t.deepEqual(ends(rows, { exclusive: [2] }), ['exclusive', 'exclusive', 'end']);
  t.deepEqual(ends([{ ...at('voltageL1', 0), functionCode: 3 }, at('voltageL2', 2)]), ['function', 'end']);
});

test('tells what this device refused', (t) => {
  const profile = profileWith([at('voltageL1', 0), at('voltageL2', 6)]);
  const terms = new PlanTerms(profile);
  const memory = PlanMemory.EMPTY.refused({ functionCode: 4, address: 0, count: 8, rows: [0, 1] }, terms, 2);
  t.deepEqual(
    explainPlan(profile, undefined, memory).plan.map((one) => one.ends),
    ['refused', 'end'],
  );
  const more = memory.refused({ functionCode: 4, address: 6, count: 2, rows: [1] }, new PlanTerms(profile, memory), 2);
  t.deepEqual(explainPlan(profile, undefined, more).absent, ['voltageL2']);
});

test('compares with a request for each row, and with neighbours only: the figures of the notes for an SDM630', async (t) => {
  const { profiles } = await readProfiles([SHIPPED_PROFILES]);
  const profile = profiles.get('eastron-sdm630')?.profile;
  const plan = profile && explainPlan(profile);
  t.like(plan, { requests: 4, oneByOne: { requests: 47 }, adjacentOnly: { requests: 10 } });
  // Notes: 3.05 s, 0.80 s and 0.54 s.
  t.true(Math.abs((plan?.oneByOne.ms ?? 0) - 3_050) < 15 && Math.abs((plan?.adjacentOnly.ms ?? 0) - 800) < 10);
  t.true((plan?.ms ?? Infinity) <= 540);
});

test('shows holes, bytes and times, and their sums', (t) => {
  const plan = explainPlan(profileWith([at('voltageL1', 0), at('voltageL2', 4)]));
  t.like(plan.plan[0], { address: 0, count: 6, holes: 2, bytes: 25, quantities: ['voltageL1', 'voltageL2'] });
  const lines = planText(plan);
  t.regex(lines[1] ?? '', /4 +0x0000 to 0x0005 +6 +2 +25 +73\.3 +2: voltageL1 to voltageL2 +last row/);
  t.regex(lines.join('\n'), /a pass: +1 request, 6 registers, 25 bytes, 0\.07 s/);
});
