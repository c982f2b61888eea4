import test from 'ava';
import fc from 'fast-check';
import type { LatestSample } from '@farola/collector/fleet/derived-state.js';
import { isNewer, type PreviousOf } from '@farola/collector/newer-sample.js';

const epoch = (number: number): Uint8Array => new Uint8Array(8).fill(number);

function sample(of: number, n: number, receivedAtMs: number, ageMs = 0): LatestSample {
  return { lcuNo: 0, epoch: epoch(of), n, analyser: 0, entry: new Uint8Array(), receivedAtMs, ageMs };
}

/** Each epoch names the one before it, down to 1. */
const inLine: PreviousOf = ([number = 0]) => (number > 1 ? epoch(number - 1) : null);
const notTold: PreviousOf = () => undefined;

test('in one epoch the higher number is newer, whatever the clocks say', (t) => {
  t.true(isNewer(sample(1, 8, 0), sample(1, 7, 99), notTold));
  t.false(isNewer(sample(1, 7, 99), sample(1, 8, 0), notTold));
  t.false(isNewer(sample(1, 7, 99), sample(1, 7, 0), notTold));
});

for (const steps of [1, 2, 16]) {
  test(`an epoch that follows by ${steps} is newer, also where the wall clock went back`, (t) => {
    const [before, after] = [sample(1, 7, 3_600_000), sample(1 + steps, 2, 1000)];
    t.true(isNewer(after, before, inLine));
    t.false(isNewer(before, after, inLine));
  });
}

test('where the line of epochs does not tell, the later observation is newer', (t) => {
  t.true(isNewer(sample(2, 2, 11_000, 1999), sample(1, 7, 10_000, 1000), notTold));
  t.false(isNewer(sample(2, 2, 11_000, 2000), sample(1, 7, 10_000, 1000), notTold));
  t.false(isNewer(sample(99, 2, 1000), sample(1, 7, 2000), inLine), 'too far to follow');
});

test('security: a ring of epochs that name each other ends', (t) => {
  const ring: PreviousOf = ([number = 0]) => epoch((number + 1) % 3);
  t.true(isNewer(sample(9, 1, 2), sample(8, 1, 1), ring));
});

for (const [what, previousOf, receivedAtMs] of [
  ['and the clock runs', notTold, (of: number, n: number) => of * 1000 + n],
  ['and the line tells, whatever the clock does', inLine, (of: number, n: number) => 9000 - of * 1000 + n],
] as const) {
  test(`the latest of any order of changes is the same where epochs follow each other ${what}`, (t) => {
    const anySample = fc
      .record({ of: fc.integer({ min: 1, max: 4 }), n: fc.integer({ min: 1, max: 50 }) })
      .map(({ of, n }) => sample(of, n, receivedAtMs(of, n)));
    const last = (samples: readonly LatestSample[]): LatestSample =>
      samples.reduce((kept, one) => (isNewer(one, kept, previousOf) ? one : kept));
    const inAnyOrder = fc
      .array(anySample, { minLength: 1 })
      .chain((samples) => fc.tuple(fc.constant(samples), fc.shuffledSubarray(samples, { minLength: samples.length })));
    fc.assert(
      fc.property(inAnyOrder, ([samples, shuffled]) => {
        t.deepEqual(last(shuffled), last(samples));
      }),
    );
  });
}
