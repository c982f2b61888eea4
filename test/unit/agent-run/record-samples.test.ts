import { ClockWatch } from '@farola/agent/journal/clock-watch.js';
import { recordSamples } from '@farola/agent/record-samples.js';
import { type ErrorCode, FarolaError, type KnownEntry } from '@farola/shared';
import test from 'ava';
import { FakeTime } from '../../fakes/fake-time.js';
import { RecordedLog } from '../../fakes/link-bench.js';

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
  const samples = recordSamples({ journal, watch, clock: time, log, onSample: (good) => kept.push(good) });
  const read = (): void => {
    samples.take(3, { startedAt: time.now(), spanMs: 40, status: 'complete', values: [1, null], failure: undefined });
  };
  return { time, log, entries, kept, samples, read, state };
}

test('a reading becomes a sample', (t) => {
  const { entries, read, kept, time } = recorder();
  read();
  t.deepEqual(entries, [{ kind: 'sample', at: time.now(), analyser: 3, spanMs: 40, status: 'complete', values: [1, null] }]);
  t.deepEqual(kept, [true]);
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

test('a disk that fails costs the sample, and the run goes on', (t) => {
  const { entries, read, kept, log, state } = recorder('disk-failure');
  t.notThrows(read);
  t.deepEqual([kept, log.codes], [[false], ['disk-failure']]);
  state.failure = undefined;
  read();
  t.deepEqual([entries.length, kept], [1, [false, true]]);
});

test('a journal that does not agree with itself ends the run', (t) => {
  t.throws(recorder('journal-corrupt').read, { code: 'journal-corrupt' });
});

test('the failure of a reading is told, and its sample kept', (t) => {
  const { samples, entries, log, time } = recorder();
  const failure = new FarolaError('meter-timeout', { analyser: 'main', unit: 1, timeoutMs: 1_000 });
  samples.take(0, { startedAt: time.now(), spanMs: 1_000, status: 'timeout', values: [], failure });
  t.deepEqual(log.codes, ['meter-timeout']);
  t.like(entries[0], { kind: 'sample', status: 'timeout', values: [] });
});
