import { untilNextLook } from '@farola/agent/code/next-look.js';
import test from 'ava';
import { FakeTime } from '../../fakes/fake-time.js';

for (const [monoMs, waitMs] of [
  [40_000, 20_000],
  [40_001, 19_999],
  [49_999, 10_001],
  [50_000, 10_000],
  [50_001, 29_999],
  [39_999, 20_001],
] as const) {
  test(`at ${monoMs} ms the next look of each 20 s is due in ${waitMs} ms`, (t) => {
    t.is(untilNextLook(new FakeTime(0, monoMs), 20_000), waitMs);
  });
}
