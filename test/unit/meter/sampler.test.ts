import type { Reading } from '@farola/agent/meter/reading.js';
import { createSampler } from '@farola/agent/meter/sampler.js';
import { pause } from '@farola/shared';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { FakeTime } from '../../fakes/fake-time.js';

const MINUTE = 60_000;
const EVENING = Date.UTC(2026, 10, 22, 18, 0, 0);

/** A sampler whose readers take so long; `taken` holds analyser and wall time of the start of each reading. */
function bench(
  t: ExecutionContext,
  options: { startMs?: number; spanMs?: () => number; lines?: number[][]; silent?: number[] } = {},
) {
  const { startMs = EVENING + 10_000, spanMs = () => 0, lines = [[0]], silent = [] } = options;
  const time = new FakeTime(startMs);
  const taken: [number, number][] = [];
  const order: string[] = [];
  const readerOf = (index: number) => ({
    index,
    periodS: 60,
    reader: {
      isSilent: silent.includes(index),
      isLeftAlone: false,
      async read(): Promise<Reading> {
        const startedAt = time.now();
        order.push(`begin ${index}`);
        if (spanMs() > 0) await pause(time, spanMs());
        order.push(`end ${index}`);
        return { startedAt, spanMs: spanMs(), status: 'complete', values: [], offsets: [], failure: undefined };
      },
    },
  });
  const sampler = createSampler({
    lines: lines.map((line) => line.map(readerOf)),
    sink: (index, reading) => void taken.push([index, reading.startedAt.wallMs - EVENING]),
    clock: time,
    timers: time,
  });
  const abort = new AbortController();
  t.teardown(() => abort.abort());
  const done = sampler.run(abort.signal);
  return { time, sampler, abort, done, order, taken: () => taken.map(([, at]) => at), takenBy: () => taken };
}

test('samples at once, then at each boundary of the wall clock', async (t) => {
  const { time, taken } = bench(t);
  await time.advance(3 * MINUTE);
  t.deepEqual(taken(), [10_000, MINUTE, 2 * MINUTE, 3 * MINUTE]);
});

test('starts shortly before a boundary without leaving it out', async (t) => {
  const { time, taken } = bench(t, { startMs: EVENING + 59_900 });
  await time.advance(MINUTE);
  t.deepEqual(taken(), [59_900, MINUTE]);
});

test('a boundary that comes during a reading is late; one more is left out, counted, and never made up for', async (t) => {
  let spanMs = 0;
  const { time, taken, sampler } = bench(t, { spanMs: () => spanMs });
  await time.advance(30_000);
  spanMs = 130_000;
  await time.advance(90_000);
  spanMs = 0;
  await time.advance(3 * MINUTE);
  t.deepEqual(taken(), [10_000, MINUTE, MINUTE + 130_000, 4 * MINUTE, 5 * MINUTE]);
  t.is(sampler.skipped(0), 1);
});

test('reads lines side by side and the analysers of one line in series', async (t) => {
  const { time, order } = bench(t, { spanMs: () => 100, lines: [[0, 1], [2]] });
  await time.advance(1_000);
  t.deepEqual(order, ['begin 0', 'begin 2', 'end 0', 'begin 1', 'end 2', 'end 1']);
});

for (const stepMs of [-1_000, -20_000, -45_000, -3_600_000 - 20_000, 5_000, 35_000, 7_200_000 + 5_000]) {
  test(`never samples a period twice when the wall clock steps by ${stepMs} ms`, async (t) => {
    const { time, takenBy } = bench(t);
    const mono: number[] = [];
    const began = time.now().monoMs;
    await time.advance(2 * MINUTE + 10_000);
    time.step(stepMs);
    for (let seconds = 0; seconds < 600; seconds++) {
      const before = takenBy().length;
      await time.advance(1_000);
      if (takenBy().length > before) mono.push(time.now().monoMs - began);
    }
    const gaps = mono.slice(1).map((at, index) => at - (mono[index] ?? 0));
    t.true(
      gaps.every((gap) => gap >= MINUTE / 2 && gap <= 1.5 * MINUTE + 1_000),
      gaps.join(),
    );
    t.true((mono[0] ?? 0) <= 4 * MINUTE);
    t.true(mono.length >= 9);
    const last = takenBy().at(-1)?.[1] ?? -1;
    t.is(((last % MINUTE) + MINUTE) % MINUTE, 0);
  });
}

test('samples once when a timer fires a moment early', async (t) => {
  const { time, taken } = bench(t);
  await time.advance(49_999);
  t.deepEqual(taken(), [10_000]);
  await time.advance(1);
  t.deepEqual(taken(), [10_000, MINUTE]);
});

test('ends when it is stopped', async (t) => {
  const { time, abort, done, taken } = bench(t);
  await time.advance(1_000);
  abort.abort();
  await done;
  await time.advance(5 * MINUTE);
  t.deepEqual(taken(), [10_000]);
  t.is(time.pending, 0);
});

test('ends with what the sink threw', async (t) => {
  const time = new FakeTime(EVENING);
  const reader = {
    isSilent: false,
    isLeftAlone: false,
    read: async (): Promise<Reading> => {
      return { startedAt: time.now(), spanMs: 0, status: 'complete', values: [], offsets: [], failure: undefined };
    },
  };
  const sink = (): void => {
    throw new RangeError('disk full');
  };
  const lines = [[{ index: 0, periodS: 60, reader }]];
  const sampler = createSampler({ lines, sink, clock: time, timers: time });
  await t.throwsAsync(sampler.run(new AbortController().signal), { instanceOf: RangeError });
});

test('reads those that were silent after the others', async (t) => {
  const { time, order } = bench(t, { lines: [[0, 1, 2]], silent: [0, 1] });
  await time.advance(0);
  t.deepEqual(order, ['begin 2', 'end 2', 'begin 0', 'end 0', 'begin 1', 'end 1']);
});
