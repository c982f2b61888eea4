import { WAITING_LIMIT, WaitingEntries } from '@farola/agent/journal/waiting-entries.js';
import { ClockWatch } from '@farola/agent/journal/clock-watch.js';
import { recordSamples } from '@farola/agent/main/record-samples.js';
import { type ErrorCode, FarolaError, type KnownEntry } from '@farola/shared';
import test from 'ava';
import { FakeTime } from '../../fakes/fake-time.js';
import { RecordedLog } from '../../fakes/link-bench.js';
import { sampleEntry } from '../../fakes/test-journal.js';

function recorder(failure?: ErrorCode) {
  const time = new FakeTime();
  const log = new RecordedLog();
  const entries: KnownEntry[] = [];
  const kept: boolean[] = [];
  const state = { failure };
  const journal = {
    append(entry: KnownEntry) {
      if (state.failure) throw new FarolaError(state.failure, { path: 'x', reason: 'y' });
      return entries.push(entry);
    },
  };
  const watch = new ClockWatch(time.now());
  const waiting = new WaitingEntries({ journal, clock: time, log });
  const samples = recordSamples({ entries: waiting, watch, clock: time, onSample: (good) => kept.push(good) });
  const read = (): void => {
    samples.take(3, {
      startedAt: time.now(),
      spanMs: 40,
      status: 'complete',
      values: [1, null],
      offsets: [],
      failure: undefined,
    });
  };
  return { time, log, entries, kept, samples, read, state, waiting };
}

test('a reading becomes a sample', (t) => {
  const { entries, read, kept, time } = recorder();
  read();
  t.deepEqual(entries, [{ kind: 'sample', at: time.now(), analyser: 3, spanMs: 40, status: 'complete', values: [1, null] }]);
  t.deepEqual(kept, [true]);
});

test('what is not plausible stands in the marks of the sample', (t) => {
  const { entries, samples, time } = recorder();
  const flags = [{ code: 4, places: [0] }];
  samples.take(
    0,
    { startedAt: time.now(), spanMs: 40, status: 'complete', values: [1, 2], offsets: [], failure: undefined },
    flags,
  );
  t.like(entries[0], { kind: 'sample', values: [1, 2], marks: { offsets: [], flags } });
});

test('a step of the clock is recorded before the sample that it concerns', (t) => {
  const { entries, read, time } = recorder();
  time.step(60_000);
  read();
  t.deepEqual(
    entries.map(({ kind }) => kind),
    ['clock', 'sample'],
  );
});

test('while the disk fails samples wait in their order, and are written with the first that it takes; both are told once', (t) => {
  const { entries, read, kept, log, state, time, waiting } = recorder('disk-failure');
  for (let minute = 0; minute < 3; minute++) {
    t.notThrows(read);
    time.step(60_000);
  }
  t.deepEqual(entries, []);
  t.deepEqual([kept, log.codes, waiting.counts.waiting], [[true, true, true], ['disk-failure'], 5]);
  state.failure = undefined;
  read();
  t.deepEqual(
    entries.map(({ kind }) => kind),
    ['sample', 'clock', 'sample', 'clock', 'sample', 'clock', 'sample'],
  );
  t.deepEqual([log.codes, log.messages], [['disk-failure'], ['the journal is written again']]);
  t.deepEqual(waiting.counts, { waiting: 0, lost: 0 });
});

test('memory holds only so many that wait; the oldest go, and an event says how many', (t) => {
  const { entries, waiting, state, time } = recorder('disk-failure');
  for (let mark = 0; mark < WAITING_LIMIT + 7; mark++) t.true(waiting.append(sampleEntry(mark)));
  t.deepEqual(waiting.counts, { waiting: WAITING_LIMIT, lost: 7 });
  state.failure = undefined;
  waiting.append({ kind: 'event', at: time.now(), code: 'stop', facts: [] });
  t.deepEqual(entries[0], sampleEntry(7));
  t.deepEqual(
    entries.slice(-2).map((entry) => entry.kind === 'event' && [entry.code, entry.facts]),
    [
      ['stop', []],
      ['entries-lost', [7]],
    ],
  );
  t.deepEqual(waiting.counts, { waiting: 0, lost: 7 });
});

test('an entry that no disk would take does not hold up the others', (t) => {
  const { entries, read, kept, log, state } = recorder('entry-too-large');
  read();
  state.failure = undefined;
  read();
  t.deepEqual([entries.length, kept, log.codes], [1, [false, true], ['entry-too-large']]);
});

test('a journal that does not agree with itself ends the run', (t) => {
  t.throws(recorder('journal-corrupt').read, { code: 'journal-corrupt' });
});

test('a reading that failed is a sample without values', (t) => {
  const { samples, entries, time } = recorder();
  const failure = new FarolaError('meter-timeout', { analyser: 'main', unit: 1, timeoutMs: 1_000 });
  samples.take(0, { startedAt: time.now(), spanMs: 1_000, status: 'timeout', values: [null, null], offsets: [], failure });
  t.like(entries[0], { kind: 'sample', status: 'timeout', values: [] });
});

test('a reading of several requests tells when each value was asked for; one without values does not', (t) => {
  const { samples, entries, time } = recorder();
  const offsets = [
    { count: 1, ms: 0 },
    { count: 1, ms: 70 },
  ];
  const reading = { startedAt: time.now(), spanMs: 140, status: 'complete', offsets, failure: undefined } as const;
  samples.take(0, { ...reading, values: [1, 2] });
  samples.take(0, { ...reading, values: [null, null] });
  t.like(entries[0], { values: [1, 2], marks: { offsets, flags: [] } });
  t.like(entries[1], { values: [], marks: undefined });
});
