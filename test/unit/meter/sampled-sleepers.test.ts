import type { Reading } from '@farola/agent/meter/reading.js';
import { createSampler } from '@farola/agent/meter/sampler.js';
import { pause } from '@farola/shared';
import test from 'ava';
import { FakeTime } from '../../fakes/fake-time.js';

const EVENING = Date.UTC(2026, 10, 22, 18, 0, 0);
const READING_MS = 700;
const QUESTION_MS = 500;

/** Two groups of a sleeper that lets so many questions go by, and one other row, all of a minute. It is begun at a time of the minute. */
function bench(letsGoBy: number, beginMs: number) {
  const time = new FakeTime(EVENING + beginMs);
  const told: string[] = [];
  const at = (): string => ((time.now().wallMs - EVENING) / 1_000).toFixed(1);
  let left = letsGoBy;
  const sleeper = {
    isWanted: false,
    mostMs: 1_000,
    async ask(): Promise<boolean> {
      told.push(`${at()} wake`);
      await pause(time, QUESTION_MS);
      if (left-- > 0) return false;
      sleeper.isWanted = false;
      return true;
    },
  };
  const readerOf = (index: number) => ({
    isSilent: false,
    isLeftAlone: false,
    sleeper: index < 2 ? sleeper : undefined,
    async read(): Promise<Reading> {
      const startedAt = time.now();
      const isRead = index === 2 || left < 0;
      if (!isRead) sleeper.isWanted = true;
      told.push(`${at()} ${index} ${isRead ? 'read' : 'unread'}`);
      await pause(time, READING_MS);
      return { startedAt, spanMs: 0, status: isRead ? 'complete' : 'timeout', values: [], offsets: [], failure: undefined };
    },
  });
  const rows = [0, 1, 2].map((index) => ({ index, periodS: 60, reader: readerOf(index) }));
  const sampler = createSampler({ lines: [rows], sink: () => undefined, clock: time, timers: time });
  const abort = new AbortController();
  const done = sampler.run(abort.signal);
  const end = async (): Promise<void> => {
    abort.abort();
    await time.advance(10_000);
    await done;
  };
  return { time, told, sampler, end };
}

test('a sleeper is asked behind all that is due, and what it left unread is read when it answers', async (t) => {
  const { time, told, end } = bench(1, 10_000);
  await time.advance(49_000);
  t.deepEqual(told, ['10.0 0 unread', '10.7 1 unread', '11.4 2 read', '12.1 wake', '12.6 wake', '13.1 0 read', '13.8 1 read']);
  await end();
});

test('a sleeper is not asked when something becomes due before it can have answered', async (t) => {
  const { time, told, end } = bench(5, 57_300);
  await time.advance(2_000);
  t.deepEqual(told, ['57.3 0 unread', '58.0 1 unread', '58.7 2 read']);
  await time.advance(600);
  t.is(told.length, 3, 'there are 600 ms until the boundary');
  await time.advance(4_000);
  t.deepEqual(told.slice(3), [
    '60.0 0 unread',
    '60.7 1 unread',
    '61.4 2 read',
    '62.1 wake',
    '62.6 wake',
    '63.1 wake',
    '63.6 wake',
  ]);
  await end();
});

test('a row that waits since its sleeper is awake when its period begins is read once for both, and nothing is skipped', async (t) => {
  const { time, told, sampler, end } = bench(0, 56_800);
  await time.advance(8_000);
  t.deepEqual(told, [
    '56.8 0 unread',
    '57.5 1 unread',
    '58.2 2 read',
    '58.9 wake',
    '59.4 0 read',
    '60.1 1 read',
    '60.8 2 read',
    '61.5 0 read',
  ]);
  t.deepEqual(
    [0, 1, 2].map((row) => sampler.skipped(row)),
    [0, 0, 0],
  );
  await end();
});
