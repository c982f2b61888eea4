import { FarolaError } from '@farola/shared';
import type { SampleValue } from '@farola/shared';
import { analyserReader } from '@farola/agent/meter/analyser-reader.js';
import type { RegisterClient } from '@farola/agent/meter/line/register-client.js';
import type { LineCost } from '@farola/agent/meter/plan/line-cost.js';
import { serialCost } from '@farola/agent/meter/plan/line-cost.js';
import { PlanBasis } from '@farola/agent/meter/plan/plan-basis.js';
import { decodeRow } from '@farola/agent/meter/profile/decode-registers.js';
import { spanOf } from '@farola/agent/meter/profile/profile.js';
import type { Profile } from '@farola/agent/meter/profile/profile.js';
import type { ProbedReader } from '@farola/agent/meter/reading.js';
import test from 'ava';
import fc from 'fast-check';
import { FakeTime } from '../../../fakes/fake-time.js';
import { arbitraryProfiles } from './arbitrary-profiles.js';

/** Each register holds something of its own, which depends on its address and function alone. */
function registerAt(address: number, functionCode: number, seed: number): number {
  return Math.imul(address * 2 + (functionCode - 3) + seed, 0x9e3779b1) >>> 16;
}

/** A device that has all registers but some, and keeps the terms of its profile. */
function device(profile: Profile, seed: number, lacks: ReadonlySet<number>) {
  let asked = 0;
  const client: RegisterClient = {
    owedCounts: () => new Set(),
    read({ functionCode, address, count }) {
      asked++;
      const registers = Array.from({ length: count }, (_, index) => address + index);
      const refused =
        count > profile.maxRegisters ||
        (profile.evenCountOnly && count % 2 === 1) ||
        registers.some((at) => lacks.has(at) || profile.unreadable.some(({ from, to }) => from <= at && at <= to));
      if (refused) return Promise.reject(new FarolaError('meter-exception', { analyser: 'one', unit: 1, exception: 2 }));
      const words = registers.map((at) => registerAt(at, functionCode, seed));
      return Promise.resolve(Uint8Array.from(words.flatMap((word) => [word >> 8, word & 0xff])));
    },
  };
  return { client, count: () => asked };
}

/** What each row says when its registers are read by themselves. */
function alone(profile: Profile, seed: number, lacks: ReadonlySet<number>): SampleValue[] {
  return profile.rows.map((row) => {
    const { from, to } = spanOf(row);
    const registers = Array.from({ length: to - from }, (_, index) => from + index);
    if (registers.some((at) => lacks.has(at))) return null;
    const words = registers.map((at) => registerAt(at, row.functionCode ?? profile.functionCode, seed));
    const bytes = Uint8Array.from(words.flatMap((word) => [word >> 8, word & 0xff]));
    return decodeRow(row, { address: from, bytes }, profile);
  });
}

function readerOf(profile: Profile, client: RegisterClient, cost: LineCost): ProbedReader {
  const basis = new PlanBasis({ costOf: () => cost });
  return analyserReader({ id: 'one', unit: 1, profile, client, clock: new FakeTime(), basis });
}

const costs: fc.Arbitrary<LineCost> = fc.constantFrom(serialCost(1.04, 40), serialCost(8, 0), {
  byteMs: 0,
  answerMs: 5,
  gapMs: 0,
});

test('any profile, any memory, any limit and any policy of holes give what each register alone gives', async (t) => {
  await fc.assert(
    fc.asyncProperty(arbitraryProfiles(30), costs, fc.nat(), async (profile, cost, seed) => {
      const { client } = device(profile, seed, new Set());
      const reader = readerOf(profile, client, cost);
      const { values, status } = await reader.read();
      t.is(status, 'complete');
      t.deepEqual(values, alone(profile, seed, new Set()));
    }),
  );
});

test('and so they do of a device that lacks any of its registers, from the first reading on', async (t) => {
  const absent = fc.uniqueArray(fc.nat(400), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(arbitraryProfiles(30), costs, fc.nat(), absent, async (drawn, cost, seed, offsets) => {
      // A register that only fills up to an even number is not one that a row can do without.
      const profile = { ...drawn, evenCountOnly: false };
      const first = Math.min(...profile.rows.map((row) => spanOf(row).from));
      const lacks = new Set(offsets.map((offset) => first + offset));
      const expected = alone(profile, seed, lacks);
      const readable = expected.some((value, at) => value !== null || profile.rows[at] === undefined);
      fc.pre(readable);
      const { client, count } = device(profile, seed, lacks);
      const reader = readerOf(profile, client, cost);
      t.deepEqual((await reader.read()).values, expected);
      let before = count();
      for (let pass = 0; pass < 40; pass++) {
        const { values } = await reader.read();
        t.deepEqual(values, expected);
        const asked = count() - before;
        before = count();
        if (asked <= profile.rows.length && pass > 30) break;
      }
      // What was learned lasts: the last passes meet no refusal.
      t.is((await reader.read()).status, 'complete');
    }),
    { numRuns: 100 },
  );
});

test('and so they do whatever the scan groups: each row is read by its own group, and what others lack costs it nothing', async (t) => {
  const absent = fc.uniqueArray(fc.nat(400), { maxLength: 3 });
  const groupOf = fc.array(fc.nat(3), { minLength: 30, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(arbitraryProfiles(30), costs, fc.nat(), absent, groupOf, async (drawn, cost, seed, offsets, groups) => {
      const profile = { ...drawn, evenCountOnly: false };
      const first = Math.min(...profile.rows.map((row) => spanOf(row).from));
      const lacks = new Set(offsets.map((offset) => first + offset));
      const expected = alone(profile, seed, lacks);
      for (let group = 0; group <= 3; group++) {
        const rows = [...profile.rows.keys()].filter((row) => groups[row] === group);
        if (rows.length === 0) continue;
        const { client } = device(profile, seed, lacks);
        const reader = analyserReader({
          id: 'one',
          unit: 1,
          profile,
          rows,
          client,
          clock: new FakeTime(),
          basis: new PlanBasis({ costOf: () => cost }),
        });
        const own = rows.map((row) => expected[row]);
        t.deepEqual((await reader.read()).values, own);
        t.deepEqual((await reader.read()).values, own);
      }
    }),
    { numRuns: 100 },
  );
});
