import type { Reading } from '@farola/agent/meter/reading.js';
import { createSampler } from '@farola/agent/meter/sampler.js';
import { pause } from '@farola/shared';
import test from 'ava';
import fc from 'fast-check';
import { FakeTime } from '../../fakes/fake-time.js';

const EVENING = Date.UTC(2026, 10, 22, 18, 0, 0);
/** Each run simulates so long. */
const SPAN_S = 120;

/** A row: its period, and how long each of its readings takes, by turns. */
interface Row {
  readonly periodS: number;
  readonly takesMs: readonly number[];
  readonly silent: boolean;
}

/** What a row came to: when it was due, when each of its readings began, ms since the begin. */
interface Sampled {
  readonly beganAt: number[];
  readonly skipped: number;
}

async function sampled(lines: readonly (readonly Row[])[], startMs: number): Promise<Sampled[][]> {
  const time = new FakeTime(startMs);
  const began = lines.map((rows) => rows.map((): number[] => []));
  let index = 0;
  const places = lines.map((rows) => rows.map(() => index++));
  const sampler = createSampler({
    lines: lines.map((rows, line) =>
      rows.map(({ periodS, takesMs, silent }, row) => ({
        index: places[line]?.[row] ?? 0,
        periodS,
        reader: {
          isSilent: silent,
          isLeftAlone: false,
          async read(): Promise<Reading> {
            const startedAt = time.now();
            const own = began[line]?.[row] ?? [];
            const spanMs = takesMs[own.length % takesMs.length] ?? 0;
            own.push(startedAt.wallMs - startMs);
            if (spanMs > 0) await pause(time, spanMs);
            return { startedAt, spanMs, status: 'complete', values: [], offsets: [], failure: undefined };
          },
        },
      })),
    ),
    sink: () => undefined,
    clock: time,
    timers: time,
  });
  const abort = new AbortController();
  const done = sampler.run(abort.signal);
  await time.advance(SPAN_S * 1_000);
  const result = began.map((rows, line) =>
    rows.map((beganAt, row) => ({ beganAt, skipped: sampler.skipped(places[line]?.[row] ?? 0) })),
  );
  abort.abort();
  await time.advance(0);
  await time.advance(60_000);
  await done;
  return result;
}

/** When a row is due: at the begin, and at the boundaries of its period; ms since the begin. */
function boundaries(periodS: number, startMs: number): number[] {
  const periodMs = periodS * 1_000;
  const first = (Math.floor(startMs / periodMs) + 1) * periodMs - startMs;
  const later: number[] = [];
  for (let at = first; at <= SPAN_S * 1_000; at += periodMs) later.push(at);
  return later;
}

const starts = fc.integer({ min: EVENING, max: EVENING + 60_000 });
const periods = fc.constantFrom(1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60);

function rowsOf(takes: fc.Arbitrary<number>, most: number): fc.Arbitrary<Row[]> {
  const row = fc.record({ periodS: periods, takesMs: fc.array(takes, { minLength: 1, maxLength: 3 }), silent: fc.boolean() });
  return fc.array(row, { minLength: 1, maxLength: most });
}

const passOf = (rows: readonly Row[]): number => rows.reduce((sum, { takesMs }) => sum + Math.max(...takesMs), 0);

test('whatever the periods and however long readings take, no row waits longer than for one reading of each row of its line', async (t) => {
  await fc.assert(
    fc.asyncProperty(rowsOf(fc.integer({ min: 0, max: 4_000 }), 6), starts, async (rows, startMs) => {
      const [line = []] = await sampled([rows], startMs);
      for (const [row, { beganAt, skipped }] of line.entries()) {
        const periodS = rows[row]?.periodS ?? 0;
        const dueAt = [0, ...boundaries(periodS, startMs)];
        // Each reading is of a period that had begun and had none yet, and those without are the ones that were left out.
        let read = 0;
        let leftOut = 0;
        let dueSince: number | undefined;
        for (const at of dueAt) {
          for (; read < beganAt.length && (beganAt[read] ?? Infinity) < at; read++) {
            if (dueSince === undefined) return t.fail(`row ${row} was read at ${beganAt[read]} and was not due`);
            const waitedMs = (beganAt[read] ?? 0) - dueSince;
            t.true(waitedMs <= passOf(rows), `row ${row} waited ${waitedMs} of ${passOf(rows)}`);
            dueSince = undefined;
          }
          // Of which of two periods a reading is that begins in the very millisecond between them, nobody can say.
          if (dueSince !== undefined && beganAt[read] === at) return;
          // A reading of the start that still waits becomes that of the first period.
          if (dueSince === undefined) dueSince = at;
          else if (at !== dueAt[1]) leftOut++;
        }
        if (dueSince !== undefined && beganAt[read] === undefined) {
          t.true(SPAN_S * 1_000 - dueSince <= passOf(rows), `row ${row} waits since ${dueSince}`);
        }
        t.is(skipped, leftOut, `left out of row ${row}`);
        t.true(beganAt.length - read <= 1);
      }
    }),
    { numRuns: 150 },
  );
});

test('on a line that is not loaded each row has exactly one sample in each of its periods, and none is left out', async (t) => {
  await fc.assert(
    fc.asyncProperty(rowsOf(fc.integer({ min: 0, max: 150 }), 6), starts, async (rows, startMs) => {
      fc.pre(passOf(rows) < 1_000);
      const [line = []] = await sampled([rows], startMs);
      for (const [row, { beganAt, skipped }] of line.entries()) {
        const dueAt = boundaries(rows[row]?.periodS ?? 0, startMs);
        for (const [turn, at] of dueAt.entries()) {
          if (at + passOf(rows) > SPAN_S * 1_000) break;
          const own = beganAt.filter((began) => began >= at && began < (dueAt[turn + 1] ?? Infinity));
          t.is(own.length, 1, `row ${row}, from ${at}: ${String(own)}`);
          t.true((own[0] ?? Infinity) - at <= passOf(rows));
        }
        t.is(skipped, 0);
      }
    }),
    { numRuns: 100 },
  );
});

test('what happens on other lines changes nothing', async (t) => {
  const busy = rowsOf(fc.integer({ min: 0, max: 4_000 }), 4);
  await fc.assert(
    fc.asyncProperty(busy, busy, starts, async (own, others, startMs) => {
      const [alone] = await sampled([own], startMs);
      const [beside] = await sampled([own, others], startMs);
      t.deepEqual(beside, alone);
    }),
    { numRuns: 60 },
  );
});

test('a row of an hour is read on a line that rows of a second use up', async (t) => {
  const greedy = { periodS: 1, takesMs: [900], silent: false };
  const [line = []] = await sampled([[greedy, greedy, { periodS: 60, takesMs: [500], silent: true }]], EVENING);
  t.deepEqual(line[2]?.beganAt, [1_800, 61_700]);
  t.true((line[0]?.skipped ?? 0) > 40);
  const counts = line.slice(0, 2).map(({ beganAt }) => beganAt.length);
  t.true(Math.abs((counts[0] ?? 0) - (counts[1] ?? 0)) <= 1, String(counts));
});

test('of what is due at once the short periods go first, and silent analysers last', async (t) => {
  const row = (periodS: number, silent = false): Row => ({ periodS, takesMs: [100], silent });
  const [line = []] = await sampled([[row(60), row(1, true), row(10), row(1)]], EVENING);
  t.deepEqual(
    line.map(({ beganAt }) => beganAt[0]),
    [200, 300, 100, 0],
  );
});

test('periods of a second cost one look at the clock a second, and no more', async (t) => {
  const time = new FakeTime(EVENING);
  let timers = 0;
  const reader = {
    isSilent: false,
    isLeftAlone: false,
    read: (): Promise<Reading> =>
      Promise.resolve({ startedAt: time.now(), spanMs: 0, status: 'complete', values: [], offsets: [], failure: undefined }),
  };
  const counted = { after: (ms: number, run: () => void) => (timers++, time.after(ms, run)) };
  const lines = [0, 1].map((line) => [0, 1, 2].map((row) => ({ index: 3 * line + row, periodS: 1, reader })));
  const abort = new AbortController();
  let samples = 0;
  const sampler = createSampler({
    lines,
    sink: () => {
      samples++;
    },
    clock: time,
    timers: counted,
  });
  const done = sampler.run(abort.signal);
  await time.advance(3_600_000);
  t.is(samples, 6 * 3_601);
  t.true(timers <= 3_602, `${timers} timers`);
  abort.abort();
  await done;
  t.is(time.pending, 0);
});

test('a process that was held up counts the periods that passed meanwhile', async (t) => {
  const time = new FakeTime(EVENING);
  let held = 0;
  const clock = { now: () => ({ ...time.now(), monoMs: time.now().monoMs + held, wallMs: time.now().wallMs + held }) };
  const taken: number[] = [];
  const reader = {
    isSilent: false,
    isLeftAlone: false,
    read: (): Promise<Reading> =>
      Promise.resolve({ startedAt: clock.now(), spanMs: 0, status: 'complete', values: [], offsets: [], failure: undefined }),
  };
  const sink = (_: number, { startedAt }: Reading): void => void taken.push(startedAt.wallMs - EVENING);
  const abort = new AbortController();
  const sampler = createSampler({ lines: [[{ index: 0, periodS: 1, reader }]], sink, clock, timers: time });
  const done = sampler.run(abort.signal);
  await time.advance(2_000);
  held = 4_300;
  await time.advance(2_000);
  t.deepEqual(taken, [0, 1_000, 2_000, 7_300, 8_000]);
  t.is(sampler.skipped(0), 4);
  abort.abort();
  await done;
});

test('a process that was held up from the start on counts the periods that passed meanwhile', async (t) => {
  const time = new FakeTime(EVENING + 200);
  let held = 0;
  const clock = { now: () => ({ ...time.now(), monoMs: time.now().monoMs + held, wallMs: time.now().wallMs + held }) };
  const reader = {
    isSilent: false,
    isLeftAlone: false,
    read: (): Promise<Reading> =>
      Promise.resolve({ startedAt: clock.now(), spanMs: 0, status: 'complete', values: [], offsets: [], failure: undefined }),
  };
  const abort = new AbortController();
  const sampler = createSampler({ lines: [[{ index: 0, periodS: 1, reader }]], sink: () => undefined, clock, timers: time });
  const done = sampler.run(abort.signal);
  await time.advance(100);
  held = 3_000;
  await time.advance(700);
  t.is(sampler.skipped(0), 3, 'four boundaries, one reading');
  abort.abort();
  await done;
});
