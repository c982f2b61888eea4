import { blockVariants } from '@farola/agent/meter/plan/block-variants.js';
import { planWithin } from '@farola/agent/meter/plan/block-plan.js';
import { PlanTerms } from '@farola/agent/meter/plan/plan-terms.js';
import { spanOf } from '@farola/agent/meter/profile/profile.js';
import test from 'ava';
import fc from 'fast-check';
import { profileWith } from '../../../fakes/modbus-profile.js';
import { arbitraryProfiles } from './arbitrary-profiles.js';

const at = (quantity: string, addr: number, type = 'u32') => ({ quantity, addr, type, scale: 1 });
const three = [at('voltageL1', 0), at('voltageL2', 2), at('voltageL3', 4)];

function variants(rows: object[], block: { address: number; count: number; rows: number[] }, forbidden: number[], fields = {}) {
  const terms = new PlanTerms(profileWith(rows, fields));
  const found = blockVariants({ functionCode: 4, ...block }, new Set(forbidden), terms);
  return found?.map(({ address, count, rows: read }) => [address, count, read]);
}

test('a number that is free stays', (t) => {
  t.deepEqual(variants(three, { address: 0, count: 6, rows: [0, 1, 2] }, [4]), [[0, 6, [0, 1, 2]]]);
});

test('registers of other rows are read along first', (t) => {
  t.deepEqual(variants(three, { address: 2, count: 2, rows: [1] }, [2]), [[2, 3, [1]]]);
  t.deepEqual(variants(three, { address: 2, count: 2, rows: [1] }, [2, 3], { evenCountOnly: true }), [[2, 4, [1]]]);
  t.deepEqual(variants(three, { address: 4, count: 2, rows: [2] }, [2]), [[3, 3, [2]]]);
});

test('then the rows are read in pieces', (t) => {
  const whole = { address: 0, count: 6, rows: [0, 1, 2] };
  t.deepEqual(variants(three, whole, [6]), [
    [0, 2, [0]],
    [2, 4, [1, 2]],
  ]);
  t.deepEqual(variants(three, whole, [6, 4], { maxRegisters: 6 }), [
    [0, 2, [0]],
    [1, 5, [1, 2]],
  ]);
});

test('at last registers that no row names, and none beyond the end of all registers', (t) => {
  const one = [at('voltageL1', 0xfffe)];
  t.deepEqual(variants(one, { address: 0xfffe, count: 2, rows: [0] }, [2]), [[0xfffd, 3, [0]]]);
  t.is(variants(one, { address: 0xfffe, count: 2, rows: [0] }, [2], { maxHoleRegisters: 0 }), undefined);
  t.is(variants(one, { address: 0xfffe, count: 2, rows: [0] }, [2, 3, 4], { maxRegisters: 4 }), undefined);
});

test('an exclusive register is asked for in no other way', (t) => {
  const rows = [at('phaseSequence', 11, 'u16')];
  t.is(variants(rows, { address: 11, count: 1, rows: [0] }, [1], { exclusive: [11] }), undefined);
});

test('any variant reads the same rows within the terms, by no forbidden number', (t) => {
  const forbidden = fc.uniqueArray(fc.integer({ min: 1, max: 125 }), { maxLength: 60 });
  let [none, some] = [0, 0];
  fc.assert(
    fc.property(arbitraryProfiles(20), forbidden, fc.nat(), (profile, counts, which) => {
      const terms = new PlanTerms(profile);
      const blocks = planWithin(terms);
      const block = blocks[which % blocks.length];
      if (!block) return;
      const set = new Set([block.count, ...counts]);
      const found = blockVariants(block, set, terms);
      if (found) some++;
      else none++;
      if (!found) return;
      t.deepEqual(found.flatMap(({ rows }) => rows).toSorted(), [...block.rows].toSorted());
      for (const { address, count, rows, functionCode } of found) {
        t.false(set.has(count));
        t.is(functionCode, block.functionCode);
        t.true(count <= profile.maxRegisters && address >= 0 && address + count <= 0x10000);
        t.true(!profile.evenCountOnly || count % 2 === 0);
        t.false(profile.exclusive.some((register) => address <= register && register < address + count));
        t.false(profile.barriers.some((register) => address < register && register < address + count));
        t.false(profile.unreadable.some(({ from, to }) => address <= to && from < address + count));
        for (const index of rows) {
          const row = profile.rows[index];
          const { from, to } = row ? spanOf(row) : { from: -1, to: -1 };
          t.true(from >= address && to <= address + count);
        }
      }
    }),
    { numRuns: 500 },
  );
  t.log(`${some} with a variant, ${none} without`);
  t.true(some > none);
});

test('one unanswered number always leaves a way where a register may be read along', (t) => {
  fc.assert(
    fc.property(arbitraryProfiles(20), fc.nat(), (drawn, which) => {
      const profile = { ...drawn, maxRegisters: 125, exclusive: [], barriers: [], unreadable: [], maxHoleRegisters: 124 };
      const terms = new PlanTerms(profile);
      const blocks = planWithin(terms);
      const block = blocks[which % blocks.length];
      t.truthy(block && blockVariants(block, new Set([block.count]), terms));
    }),
  );
});
