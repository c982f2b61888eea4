import { MeterOutcomes, type OutcomeRow } from '@farola/agent/meter/meter-outcomes.js';
import { type ErrorCode, FarolaError, type SampleStatus } from '@farola/shared';
import test from 'ava';
import { FakeTime } from '../../fakes/fake-time.js';
import { RecordedLog } from '../../fakes/link-bench.js';

const STEP_MS = 60_000;

/** Two analysers on a line, one on another. */
function scene(more: OutcomeRow[] = []) {
  const time = new FakeTime(0);
  const log = new RecordedLog();
  const rows = [
    { index: 0, id: 'mains', line: 'one', periodS: 60, quantities: [1, 2] },
    { index: 1, id: 'park', line: 'one', periodS: 60, quantities: [1] },
    { index: 2, id: 'pump', line: 'two', periodS: 60, quantities: [1] },
    ...more,
  ];
  const outcomes = new MeterOutcomes(rows, log);
  const sampled = (index: number, status: SampleStatus, code?: ErrorCode): void => {
    const facts = { line: 'one', path: 'gate:4001', reason: 'connect ECONNREFUSED' };
    outcomes.sampled(index, { status, startedAt: time.now(), failure: code && new FarolaError(code, facts) });
  };
  return { time, log, outcomes, sampled };
}

test('nothing is known of an analyser before its first sample', (t) => {
  const { outcomes } = scene();
  t.deepEqual(outcomes.analysers[2], {
    id: 'pump',
    line: 'two',
    status: null,
    atMs: null,
    failingSinceMs: null,
    code: null,
    groups: [{ index: 2, periodS: 60, quantities: 1, status: null, atMs: null }],
  });
  t.is(outcomes.troubleOf('one'), undefined);
});

test('a line that is refused is unavailable since its first failed sample, told once, and once when it is back', (t) => {
  const { time, log, outcomes, sampled } = scene();
  for (let round = 0; round < 3; round++) {
    for (const index of [0, 1]) sampled(index, 'line-unavailable', 'line-unavailable');
    sampled(2, 'complete');
    time.step(STEP_MS);
  }
  t.deepEqual(outcomes.troubleOf('one'), { sinceMs: 0, code: 'line-unavailable', reason: 'connect ECONNREFUSED' });
  t.is(outcomes.troubleOf('two'), undefined);
  t.like(outcomes.analysers[0], { status: 'line-unavailable', atMs: 2 * STEP_MS, failingSinceMs: 0, code: 'line-unavailable' });
  t.like(outcomes.analysers[2], { status: 'complete', atMs: 2 * STEP_MS, failingSinceMs: null, code: null });
  t.deepEqual([log.codes, log.messages], [['line-unavailable'], []]);
  for (const index of [0, 1]) sampled(index, 'complete');
  t.is(outcomes.troubleOf('one'), undefined);
  t.deepEqual(log.told, [{ facts: { line: 'one', code: 'line-unavailable', afterS: 180 }, message: 'line back' }]);
});

test('another reason of the same line is told, and does not move since when it fails', (t) => {
  const { time, log, outcomes, sampled } = scene();
  sampled(0, 'line-unavailable', 'line-unavailable');
  time.step(STEP_MS);
  sampled(0, 'line-unavailable', 'port-in-use');
  t.like(outcomes.troubleOf('one'), { sinceMs: 0, code: 'port-in-use' });
  t.deepEqual(log.codes, ['line-unavailable', 'port-in-use']);
});

test('an analyser that fails by itself leaves its line available; it is told once, also over a loss of the line', (t) => {
  const { time, log, outcomes, sampled } = scene();
  sampled(0, 'timeout', 'meter-timeout');
  sampled(0, 'timeout', 'meter-timeout');
  t.is(outcomes.troubleOf('one'), undefined);
  sampled(0, 'line-unavailable', 'line-unavailable');
  sampled(0, 'timeout', 'meter-timeout');
  t.deepEqual([log.codes, log.messages], [['meter-timeout', 'line-unavailable'], ['line back']]);
  time.step(STEP_MS);
  sampled(0, 'complete');
  t.deepEqual(log.messages, ['line back', 'analyser back']);
  t.is(outcomes.analysers[0]?.failingSinceMs, null);
});

test('a sample that lost its line half-way is partial: the next one tells whether the line is there', (t) => {
  const { outcomes, sampled } = scene();
  sampled(0, 'partial', 'line-unavailable');
  t.is(outcomes.troubleOf('one'), undefined);
  t.like(outcomes.analysers[0], { status: 'partial', failingSinceMs: 0, code: 'line-unavailable' });
});

/** A second and a third group of `mains`. */
const GROUPS: OutcomeRow[] = [
  { index: 3, id: 'mains', line: 'one', periodS: 1, quantities: [1, 2, 3] },
  { index: 4, id: 'mains', line: 'one', periodS: 900, quantities: [4] },
];

test('an analyser is one, however many groups it has: its newest sample, and each group with its period', (t) => {
  const { time, outcomes, sampled } = scene(GROUPS);
  sampled(0, 'complete');
  time.step(1_000);
  sampled(3, 'complete');
  t.is(outcomes.analysers.length, 3);
  t.like(outcomes.analysers[0], { id: 'mains', status: 'complete', atMs: 1_000, failingSinceMs: null });
  t.deepEqual(outcomes.analysers[0]?.groups, [
    { index: 0, periodS: 60, quantities: 2, status: 'complete', atMs: 0 },
    { index: 3, periodS: 1, quantities: 3, status: 'complete', atMs: 1_000 },
    { index: 4, periodS: 900, quantities: 1, status: null, atMs: null },
  ]);
});

test('a silent analyser is told once for all of its groups, and is back for all with the first that is answered', (t) => {
  const { time, log, outcomes, sampled } = scene(GROUPS);
  for (let second = 0; second < 3; second++) {
    for (const index of [0, 3, 4]) sampled(index, 'timeout', 'meter-timeout');
    sampled(3, 'not-asked', 'meter-not-asked');
    time.step(1_000);
  }
  t.deepEqual(log.codes, ['meter-timeout']);
  t.like(outcomes.analysers[0], { status: 'not-asked', code: 'meter-timeout', failingSinceMs: 0 });
  sampled(3, 'complete');
  t.deepEqual([log.codes, log.messages], [['meter-timeout'], ['analyser back']]);
  t.like(outcomes.analysers[0], { status: 'complete', code: null, failingSinceMs: null });
});

test('a group that the model refuses keeps its analyser failing while the others are well, and is told once', (t) => {
  const { time, log, outcomes, sampled } = scene(GROUPS);
  for (let second = 0; second < 5; second++) {
    if (second % 2 === 0) sampled(4, 'exception', 'meter-exception');
    sampled(3, 'complete');
    time.step(1_000);
  }
  t.like(outcomes.analysers[0], { status: 'complete', code: 'meter-exception', failingSinceMs: 0 });
  t.deepEqual([log.codes, log.messages], [['meter-exception'], []]);
  sampled(4, 'complete');
  t.like(outcomes.analysers[0], { code: null, failingSinceMs: null });
  t.deepEqual(log.messages, ['analyser back']);
});
