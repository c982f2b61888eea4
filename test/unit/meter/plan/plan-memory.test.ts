import { planBlocks } from '@farola/agent/meter/plan/block-plan.js';
import { PlanMemory } from '@farola/agent/meter/plan/plan-memory.js';
import { PlanTerms } from '@farola/agent/meter/plan/plan-terms.js';
import type { Profile } from '@farola/agent/meter/profile/profile.js';
import { QUANTITIES } from '@farola/shared';
import test from 'ava';
import { profileWith } from '../../../fakes/modbus-profile.js';

const NAMES = QUANTITIES.map(({ name }) => name);
const rowsAt = (...addrs: number[]) => addrs.map((addr, at) => ({ quantity: NAMES[at] ?? '', addr, type: 'u16', scale: 1 }));

/** What a device that lacks these registers teaches until it refuses nothing more; and how often it refused. */
function taught(profile: Profile, lacks: number[]): { memory: PlanMemory; refusals: number } {
  let memory = PlanMemory.EMPTY;
  for (let refusals = 0; ; refusals++) {
    const blocks = planBlocks(profile, { memory });
    const refused = blocks.find(({ address, count }) => lacks.some((at) => address <= at && at < address + count));
    if (!refused) return { memory, refusals };
    if (refusals > 200) throw new RangeError('nothing is learned');
    memory = memory.refused(refused, new PlanTerms(profile, memory), 2);
  }
}

test('a hole that is refused is read around, and nothing else changes', (t) => {
  const profile = profileWith(rowsAt(0, 1, 5, 6));
  const { memory, refusals } = taught(profile, [3]);
  t.is(refusals, 1);
  t.deepEqual(
    planBlocks(profile, { memory }).map(({ address, count }) => [address, count]),
    [
      [0, 2],
      [5, 2],
    ],
  );
});

test('a row that is refused is found in as many steps as it takes to halve, and its neighbours join again', (t) => {
  const profile = profileWith(rowsAt(...Array.from({ length: 64 }, (_, at) => at)));
  const { memory, refusals } = taught(profile, [37]);
  t.true(refusals <= 7, `${refusals}`);
  t.deepEqual(memory.absent, [37]);
  t.deepEqual(
    planBlocks(profile, { memory }).map(({ address, count }) => [address, count]),
    [
      [0, 37],
      [38, 26],
    ],
  );
});

test('an exclusive row that is refused is absent, and asked for no more', (t) => {
  const profile = profileWith(rowsAt(0, 5, 9), { exclusive: [5] });
  const { memory, refusals } = taught(profile, [5]);
  t.is(refusals, 1);
  t.deepEqual(memory.absent, [1]);
  t.deepEqual(
    planBlocks(profile, { memory }).map(({ rows }) => rows),
    [[0], [2]],
  );
});

test('two rows of one block that are refused are both found', (t) => {
  const profile = profileWith(rowsAt(...Array.from({ length: 30 }, (_, at) => at)));
  const { memory } = taught(profile, [3, 21]);
  t.deepEqual(
    [...memory.absent].toSorted((a, b) => a - b),
    [3, 21],
  );
  t.is(planBlocks(profile, { memory }).length, 3);
});

test('what is learned of one function code says nothing of the other', (t) => {
  const rows = [
    ...rowsAt(0, 4),
    { quantity: 'frequency', addr: 0, type: 'u16', scale: 1, functionCode: 3 },
    { quantity: 'temperature', addr: 4, type: 'u16', scale: 1, functionCode: 3 },
  ];
  const profile = profileWith(rows);
  const memory = PlanMemory.EMPTY.refused({ functionCode: 4, address: 0, count: 5, rows: [0, 1] }, new PlanTerms(profile), 2);
  t.deepEqual(
    planBlocks(profile, { memory }).map(({ functionCode, count }) => [functionCode, count]),
    [
      [3, 5],
      [4, 1],
      [4, 1],
    ],
  );
});
