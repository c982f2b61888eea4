import { Breaker } from '@farola/agent/meter/breaker.js';
import { guardedReader } from '@farola/agent/meter/guarded-reader.js';
import { zeroUnit } from '@farola/agent/meter/line/line-counters.js';
import { PlanMemory } from '@farola/agent/meter/plan/plan-memory.js';
import type { Meter } from '@farola/agent/meter/meter.js';
import type { AnalyserReader, ProbedReader, Reading } from '@farola/agent/meter/reading.js';
import { unitStatuses } from '@farola/agent/status/unit-status.js';
import type { SampleStatus } from '@farola/shared';
import test from 'ava';
import { FakeTime } from '../../fakes/fake-time.js';

type Shown = Pick<Meter, 'analysers' | 'readers' | 'lines' | 'plans'>;

/** Two scan groups of one analyser and one of another, on one line. */
function meter(readers: readonly AnalyserReader[], of: Shown['lines'][number]['units'] = new Map()): Shown {
  const row = { line: 'main', profileId: 'x', profileHash: Uint8Array.of(1, 171), quantities: [], periodS: 60 };
  const analysers = [
    { ...row, index: 0, id: 'mains', unit: 1 },
    { ...row, index: 1, id: 'mains', unit: 1 },
    { ...row, index: 2, id: 'lamps', unit: 2 },
  ] as unknown as Shown['analysers'];
  const refusals = { rows: [{ row: 3, exception: 2 }], blocks: [] };
  const plans = new Map([['mains', { learnedMs: 7, memory: new PlanMemory(refusals) }]]);
  return { analysers, readers, plans, lines: [{ id: 'main', units: of }] as unknown as Shown['lines'] };
}

/** A reader behind a real breaker, whose readings come to the status that is set. */
function guarded(time: FakeTime): { readonly reader: AnalyserReader; status: SampleStatus } {
  const set = { status: 'complete' as SampleStatus, reader: undefined as unknown as AnalyserReader };
  const read = async (): Promise<Reading> => {
    return { startedAt: time.now(), spanMs: 1, status: set.status, values: [], offsets: [], failure: undefined };
  };
  const reader: ProbedReader = { read, probe: read };
  const breaker = new Breaker({ nowMs: () => time.now().monoMs, random: () => 0 });
  set.reader = guardedReader({ id: 'mains', unit: 1, reader, breaker, clock: time });
  return set;
}

test('an analyser is left alone from the second reading on that nothing answered, and until one is answered', async (t) => {
  const time = new FakeTime();
  const mains = guarded(time);
  const isLeftAlone = (): boolean | undefined => unitStatuses(meter([mains.reader, mains.reader]))[0]?.isLeftAlone;
  const after = async (status: SampleStatus): Promise<boolean | undefined> => {
    mains.status = status;
    await time.advance(60_000);
    await mains.reader.read();
    return isLeftAlone();
  };
  t.false(isLeftAlone());
  t.false(await after('timeout'), 'one reading may be lost to noise');
  t.true(await after('timeout'));
  t.true(await after('malformed'));
  t.false(await after('complete'));
});

test('each analyser is told once, with the counts of its address and the times that its answers took', (t) => {
  const time = new FakeTime();
  const { reader } = guarded(time);
  const counters = { ...zeroUnit(), requests: 110, ok: 100, timeouts: 3, malformed: 4, crc: 2, exceptions: 3, lateAnswers: 1 };
  for (let ms = 1; ms <= 100; ms++) counters.latency.add(ms);
  const [mains, lamps, ...others] = unitStatuses(meter([reader, reader, reader], new Map([[1, { counters }]])));
  t.deepEqual(others, []);
  t.like(mains, { id: 'mains', line: 'main', unit: 1, requests: 110, ok: 100, timeouts: 3, malformed: 4, crc: 2 });
  t.deepEqual(mains?.plan, {
    profileHash: '01ab',
    answerMs: 7,
    refusedRows: [{ row: 3, exception: 2 }],
    refusedBlocks: [],
  });
  t.like(lamps?.plan, { answerMs: null, refusedRows: [] });
  t.like(mains, { exceptions: 3, lateAnswers: 1, isLeftAlone: false });
  const { half, most, nearlyAll } = mains!.latencyMs;
  for (const [told, truth] of [
    [half, 50],
    [most, 95],
    [nearlyAll, 99],
  ] as const)
    t.true(told !== null && told >= truth && told <= 1.25 * truth + 0.1, `${told} of ${truth}`);
  t.like(lamps, { id: 'lamps', unit: 2, requests: 0, ok: 0, latencyMs: { half: null, most: null, nearlyAll: null } });
});
