import { ClockWatch } from '@farola/agent/journal/clock-watch.js';
import type { ClockEntry } from '@farola/shared';
import test from 'ava';
import { FakeTime } from '../../fakes/fake-time.js';

function watched() {
  const time = new FakeTime();
  const watch = new ClockWatch(time.now());
  const look = (kept = true): ClockEntry | undefined => {
    let told: ClockEntry | undefined;
    watch.look(time.now(), (change) => {
      told = change;
      return kept;
    });
    return told;
  };
  return { time, look };
}

test('a clock that goes on is not recorded', async (t) => {
  const { time, look } = watched();
  await time.advance(3_600_000);
  t.is(look(), undefined);
});

test('a step of more than two seconds is recorded once, with what the clock would have said', async (t) => {
  const { time, look } = watched();
  const start = time.now();
  await time.advance(60_000);
  time.step(-5_000);
  const now = time.now();
  t.deepEqual(look(), {
    kind: 'clock',
    at: now,
    before: { monoMs: now.monoMs, wallMs: start.wallMs + 60_000, quality: 'synchronised' },
  });
  t.is(look(), undefined);
});

for (const sign of [1, -1]) {
  test(`a correction of two seconds ${sign > 0 ? 'ahead' : 'back'} is not recorded, one of a millisecond more is`, (t) => {
    const { time, look } = watched();
    time.step(sign * 2_000);
    t.is(look(), undefined);
    time.step(sign * 2_001);
    t.is(look()?.kind, 'clock');
  });
}

test('a first synchronisation is recorded although the time was right', (t) => {
  const time = new FakeTime();
  time.quality = 'none';
  const watch = new ClockWatch(time.now());
  time.quality = 'synchronised';
  t.plan(1);
  watch.look(time.now(), ({ before, at }) => {
    t.deepEqual([before.quality, at.quality], ['none', 'synchronised']);
    return true;
  });
});

test('a change that could not be kept is told again', (t) => {
  const { time, look } = watched();
  time.step(60_000);
  t.truthy(look(false));
  t.truthy(look());
  t.is(look(), undefined);
});
