import { RowSchedule } from '@farola/agent/meter/row-schedule.js';
import test from 'ava';

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
