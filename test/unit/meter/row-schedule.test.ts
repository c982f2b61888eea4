import { RowSchedule } from '@farola/agent/meter/row-schedule.js';
import test from 'ava';
import fc from 'fast-check';

const BEGIN_MS = Date.UTC(2026, 10, 23, 12, 0, 0, 500);
const DAY_MS = 86_400_000;
/** The clock is looked at as often at least, as the sampler does. */
const LOOK_MS = 1_000;

/** When boundaries counted, ms since the begin on the monotonic clock; `stepMs` is how the wall clock steps after `stepAtMs`. */
function counted(
  periodS: number,
  { beginMs = BEGIN_MS, stepAtMs, stepMs }: { beginMs?: number; stepAtMs: number; stepMs: number },
) {
  const at = (monoMs: number) => {
    const wallMs = beginMs + monoMs + (monoMs < stepAtMs ? 0 : stepMs);
    return { monoMs, wallMs, quality: 'synchronised' } as const;
  };
  const schedule = new RowSchedule(periodS, at(0));
  const found: { monoMs: number; wallMs: number; count: number }[] = [];
  for (let monoMs = 0; monoMs <= 8_000 * periodS;) {
    const now = at(monoMs);
    const count = schedule.passed(now);
    if (count > 0) found.push({ ...now, count });
    monoMs += Math.ceil(Math.min(LOOK_MS, schedule.waitMs(now)));
  }
  return found;
}

for (const periodS of [1, 60, 900, 3_600]) {
  const ms = 1_000 * periodS;
  for (const stepMs of [-DAY_MS, -1.5 * ms, -0.6 * ms, -0.4 * ms, 0, 0.4 * ms, 0.6 * ms, 1.5 * ms, DAY_MS + 0.3 * ms]) {
    test(`a row of ${periodS} s keeps its pace when the wall clock steps by ${stepMs} ms`, (t) => {
      for (const part of [0.1, 0.45, 0.55, 0.95]) {
        const found = counted(periodS, { stepAtMs: (3 + part) * ms, stepMs });
        const gaps = found.slice(1).map(({ monoMs }, i) => monoMs - (found[i]?.monoMs ?? 0));
        const told = gaps.join();
        t.true(
          gaps.every((gap) => gap >= ms / 2 && gap <= 2 * ms + LOOK_MS),
          told,
        );
        t.true(8 * ms - (found.at(-1)?.monoMs ?? 0) <= ms + LOOK_MS, told);
        t.is(found.at(-1)!.wallMs % ms, 0);
        t.true(found.reduce((sum, { count }) => sum + count, 0) <= 9, told);
      }
    });
  }

  test(`a row of ${periodS} s is read without a time, and at its boundaries when the time is told`, (t) => {
    const found = counted(periodS, { beginMs: 12_345, stepAtMs: 2.7 * ms, stepMs: BEGIN_MS });
    t.true(found.length >= 7);
    t.is(found.at(-1)!.wallMs % ms, 0);
  });
}

/** The counts of looks at these times after the begin, ms. */
function countsAt(periodS: number, looks: readonly number[], beginMs = BEGIN_MS): number[] {
  const at = (ms: number) => ({ monoMs: 7_000 + ms, wallMs: beginMs + ms, quality: 'synchronised' }) as const;
  const schedule = new RowSchedule(periodS, at(0));
  return looks.map((ms) => schedule.passed(at(ms)));
}

test('a look that comes a second late counts each boundary of half a second that went by', (t) => {
  const begin = BEGIN_MS + 200;
  t.deepEqual(countsAt(0.5, [300, 800, 2_300, 2_800], begin), [1, 1, 3, 1]);
  t.deepEqual(countsAt(0.5, [1_400, 1_800], begin), [3, 1], 'the first look no less');
});

test('a look that comes late leaves the boundary behind it to the next, however soon that is', (t) => {
  t.deepEqual(countsAt(1, [500, 2_400, 2_500, 3_500]), [1, 1, 1, 1]);
});

test('however late looks come, each boundary is counted once', (t) => {
  const periods = fc.constantFrom(0.5, 1, 2, 5, 60);
  const looks = fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(periods, looks, fc.integer({ min: 0, max: 60_000 }), (periodS, waits, laterMs) => {
      const beginMs = BEGIN_MS + laterMs;
      let ms = 0;
      const times = waits.map((wait) => (ms += wait));
      const counted = countsAt(periodS, times, beginMs).reduce((sum, count) => sum + count, 0);
      const ordinal = (wallMs: number): number => Math.floor(wallMs / (1_000 * periodS));
      t.is(counted, ordinal(beginMs + ms) - ordinal(beginMs));
    }),
  );
});
