import test from 'ava';
import { WallClockWatch } from '@farola/collector/fleet/wall-clock-watch.js';
import { FakeTime } from '../../fakes/fake-time.js';

/** A watch that is asked each second, and what it lost: of everything, or of what was received later. */
function watched() {
  const time = new FakeTime();
  const lost: (number | undefined)[] = [];
  const losses = { lose: (laterThanMs?: number) => lost.push(laterThanMs), newestMs: () => undefined };
  const watch = new WallClockWatch({ clock: time, losses, log: { warn: () => undefined } });
  watch.start();
  const second = async (stepMs = 0): Promise<void> => {
    time.step(stepMs);
    await time.advance(1000);
    watch.look();
  };
  return { time, lost, second, lostAll: () => lost.filter((laterThanMs) => laterThanMs === undefined).length };
}

test('a wall clock that goes back by 5 s is borne, and by a millisecond more all ages are lost', async (t) => {
  const { second, lostAll } = watched();
  await second(-5000);
  t.is(lostAll(), 0);
  await second(-1);
  t.is(lostAll(), 1);
});

test('small steps back add up: of ten of 4 s each second one loses all ages', async (t) => {
  const { second, lostAll } = watched();
  for (let i = 0; i < 10; i++) await second(-4000);
  t.is(lostAll(), 5);
});

test('a clock that goes ahead loses nothing, and what it goes back from there is reckoned from its foremost', async (t) => {
  const { second, lostAll } = watched();
  await second(60_000);
  t.is(lostAll(), 0);
  await second(-4000);
  t.is(lostAll(), 0);
  await second(-4000);
  t.is(lostAll(), 1);
});

test('for a minute behind a step what was received before it and is stored now loses its age as well', async (t) => {
  const { time, lost, second } = watched();
  await second(-10_000);
  for (let i = 1; i <= 60; i++) await second();
  t.is(lost.length, 60);
  t.deepEqual(lost[0], undefined);
  t.true(lost.slice(1).every((laterThanMs) => laterThanMs !== undefined && laterThanMs <= time.now().wallMs));
});
