import { planWithin } from '@farola/agent/meter/plan/block-plan.js';
import type { Block } from '@farola/agent/meter/plan/block.js';
import { requestMs, serialCost } from '@farola/agent/meter/plan/line-cost.js';
import type { LineCost } from '@farola/agent/meter/plan/line-cost.js';
import { PlanTerms } from '@farola/agent/meter/plan/plan-terms.js';
import type { PlanItem } from '@farola/agent/meter/plan/plan-terms.js';
import { spanOf } from '@farola/agent/meter/profile/profile.js';
import test from 'ava';
import fc from 'fast-check';
import { profileWith } from '../../../fakes/modbus-profile.js';
import { arbitraryProfiles } from './arbitrary-profiles.js';

const costs: fc.Arbitrary<LineCost> = fc.oneof(
  fc
    .record({ byteMs: fc.constantFrom(0.1, 1.04, 8.3), answerMs: fc.constantFrom(0, 5, 40, 200) })
    .map((of) => serialCost(of.byteMs, of.answerMs)),
  fc.constant({ byteMs: 0, answerMs: 40, gapMs: 0 }),
);

test('covers every row once, whole, within the terms of the model', (t) => {
  fc.assert(
    fc.property(arbitraryProfiles(40), costs, (profile, cost) => {
      const terms = new PlanTerms(profile);
      const blocks = planWithin(terms, cost);
      const rows = blocks.flatMap((block) => block.rows).toSorted((a, b) => a - b);
      t.deepEqual(rows, [...profile.rows.keys()]);
      for (const block of blocks) {
        const { address, count, functionCode } = block;
        t.true(count <= profile.maxRegisters && address >= 0 && address + count <= 0x10000);
        t.true(!profile.evenCountOnly || count % 2 === 0);
        t.false(profile.exclusive.some((at) => address <= at && at < address + count));
        t.false(profile.barriers.some((at) => address < at && at < address + count));
        t.false(profile.unreadable.some(({ from, to }) => address <= to && from < address + count));
        for (const index of block.rows) {
          const row = profile.rows[index];
          const { from, to } = row ? spanOf(row) : { from: -1, to: -1 };
          t.true(from >= address && to <= address + count);
          t.is(row?.functionCode ?? profile.functionCode, functionCode);
        }
      }
    }),
  );
});

const total = (blocks: readonly Block[], cost: LineCost): number =>
  blocks.reduce((sum, { count }) => sum + requestMs(count, cost), 0);

/** Every way to put items into groups. */
function* partitions(items: readonly PlanItem[]): Generator<PlanItem[][]> {
  const [first, ...rest] = items;
  if (!first) {
    yield [];
    return;
  }
  for (const groups of partitions(rest)) {
    yield [[first], ...groups];
    for (let at = 0; at < groups.length; at++) yield groups.map((group, index) => (index === at ? [first, ...group] : group));
  }
}

function bruteForceMs(terms: PlanTerms, cost: LineCost): number {
  let best = Infinity;
  for (const groups of partitions(terms.items)) {
    if (groups.some((group) => new Set(group.map(({ functionCode }) => functionCode)).size > 1)) continue;
    const blocks = groups.map((group) => terms.request(group));
    if (blocks.some((block) => typeof block === 'string')) continue;
    best = Math.min(best, total(blocks as Block[], cost));
  }
  return best;
}

test('no other way to group the rows is faster: small sets against all their partitions', (t) => {
  fc.assert(
    fc.property(arbitraryProfiles(7), costs, (profile, cost) => {
      const terms = new PlanTerms(profile);
      t.true(Math.abs(total(planWithin(terms, cost), cost) - bruteForceMs(terms, cost)) < 1e-6);
    }),
    { numRuns: 300 },
  );
});

test('nor where rows lie within each other or overlap', (t) => {
  const spans = fc.array(fc.record({ addr: fc.nat(60), wide: fc.nat(3), low: fc.nat(20) }), { minLength: 1, maxLength: 6 });
  const names = ['voltageL1', 'voltageL2', 'voltageL3', 'currentL1', 'currentL2', 'currentL3'];
  fc.assert(
    fc.property(spans, fc.integer({ min: 24, max: 40 }), fc.boolean(), costs, (rows, maxRegisters, evenCountOnly, cost) => {
      const profile = profileWith(
        rows.map(({ addr, wide, low }, index) => {
          const quantity = names[index] ?? '';
          if (wide > 0) return { quantity, addr, type: wide === 1 ? 'u16' : 'u32', scale: 1 };
          return {
            quantity,
            composite: { high: { addr, type: 'u16', scale: 10 }, low: { addr: addr + low, type: 'u16', scale: 1 } },
          };
        }),
        { maxRegisters, evenCountOnly },
      );
      const terms = new PlanTerms(profile);
      t.true(Math.abs(total(planWithin(terms, cost), cost) - bruteForceMs(terms, cost)) < 1e-6);
    }),
    { numRuns: 300 },
  );
});
