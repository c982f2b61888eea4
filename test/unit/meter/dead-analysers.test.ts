import { openMeter } from '@farola/agent/meter/meter.js';
import { loadModbusSerial } from '@farola/agent/meter/line/modbus-serial-client.js';
import { createSampler } from '@farola/agent/meter/sampler.js';
import { readProfiles, SHIPPED_PROFILES } from '@farola/agent/meter/profile/profile-file.js';
import { agentConfigSchema } from '@farola/agent/config.js';
import { parseReadRequest } from '@farola/agent/meter/line/rtu-frame.js';
import test from 'ava';
import { FakeTime } from '../../fakes/fake-time.js';
import { dataAnswer } from '../../fakes/modbus-frames.js';
import { CollectedTransport } from '../../fakes/modbus-transport.js';

const PERIOD_MS = 10_000;
const UNITS = [1, 2, 3, 4, 5, 6, 7, 8];
const LATENCY_MS = 40;
const BYTE_MS = 10_000 / 9_600;

/** Eight analysers on one line of 9600 baud, of which some answer nothing. */
async function bench(dead: ReadonlySet<number>, scanGroups?: readonly object[]) {
  const time = new FakeTime(Date.UTC(2026, 10, 22, 18, 0, 0));
  const transport = new CollectedTransport();
  const askedAt: [number, number][] = [];
  transport.onWrite = (frame) => {
    const { unit, count, functionCode } = parseReadRequest(frame);
    askedAt.push([unit, time.now().wallMs]);
    if (dead.has(unit)) return;
    const answer = dataAnswer(unit, new Array<number>(count).fill(0), functionCode);
    time.after(BYTE_MS * (frame.length + answer.length) + LATENCY_MS, () => transport.arrive(answer));
  };
  const config = agentConfigSchema.parse({
    lines: [{ id: 'main', transport: 'rtu', path: '/dev/x', baud: 9_600, timeoutMs: 1_000 }],
    analysers: UNITS.map((unit) => ({ id: `a${unit}`, line: 'main', unit, profile: 'circutor-cvm-c10', scanGroups })),
    sampleSeconds: PERIOD_MS / 1_000,
  });
  const { profiles } = await readProfiles([SHIPPED_PROFILES]);
  const meter = openMeter(config, profiles, {
    clock: time,
    timers: time,
    nowMs: () => time.now().monoMs,
    random: () => 0.5,
    recognisable: async () => [],
    transportOf: () => transport,
    clientOf: await loadModbusSerial(),
  });
  const samples: { unit: number; index: number; atMs: number; status: string }[] = [];
  const sampler = createSampler({
    lines: meter.readersByLine,
    sink: (index, { startedAt, status }) =>
      void samples.push({ unit: meter.analysers[index]?.unit ?? 0, index, atMs: startedAt.wallMs, status }),
    clock: time,
    timers: time,
  });
  const abort = new AbortController();
  const done = sampler.run(abort.signal);
  const end = async (): Promise<void> => {
    abort.abort();
    await meter.close();
    await done;
  };
  return { time, meter, samples, askedAt, sampler, end };
}

test('of eight analysers on a line four are dead: the others keep their period, and each dead one costs a question a cycle', async (t) => {
  const dead = new Set([1, 3, 4, 7]);
  const { time, samples, askedAt, sampler, end } = await bench(dead);
  await time.advance(3 * PERIOD_MS);
  samples.length = 0;
  askedAt.length = 0;
  const beginMs = time.now().wallMs;
  const CYCLES = 20;
  await time.advance(CYCLES * PERIOD_MS - 1);
  for (const unit of UNITS) {
    const own = samples.filter((sample) => sample.unit === unit);
    t.is(own.length, CYCLES, `samples of ${unit}`);
    const offsets = own.map(({ atMs }, cycle) => atMs - beginMs - cycle * PERIOD_MS);
    if (dead.has(unit)) t.true(own.every(({ status }) => status === 'timeout' || status === 'not-asked'));
    else {
      t.true(own.every(({ status }) => status === 'complete'));
      t.true(Math.max(...offsets) - Math.min(...offsets) < 100, `unit ${unit}: ${String(offsets)}`);
    }
    const asked = askedAt.filter(([of]) => of === unit).length;
    if (dead.has(unit)) t.true(asked <= CYCLES, `${asked} questions to dead unit ${unit}`);
  }
  for (const index of UNITS.keys()) t.is(sampler.skipped(index), 0);
  await end();
});

test('an analyser that comes back is read again at its next probe', async (t) => {
  const dead = new Set([2]);
  const { time, samples, end } = await bench(dead);
  await time.advance(10 * PERIOD_MS);
  dead.clear();
  samples.length = 0;
  await time.advance(5 * PERIOD_MS);
  const own = samples.filter(({ unit }) => unit === 2).map(({ status }) => status);
  t.true(own.includes('complete'), String(own));
  t.is(own.at(-1), 'complete');
  await end();
});

test('a dead analyser of several groups is probed once a cycle for all of them, and found by all when it is back', async (t) => {
  const dead = new Set([2, 5]);
  const { time, meter, samples, askedAt, end } = await bench(dead, [
    { seconds: 10, quantities: ['voltageL*'] },
    { seconds: 10, quantities: ['currentL*'] },
    { seconds: 20, quantities: ['activePower*'] },
  ]);
  t.is(meter.analysers.length, 8 * 4);
  t.deepEqual(
    meter.analysers.map(({ index }) => index),
    [...meter.analysers.keys()],
  );
  await time.advance(3 * PERIOD_MS);
  samples.length = 0;
  askedAt.length = 0;
  const CYCLES = 6;
  await time.advance(CYCLES * PERIOD_MS - 1);
  for (const unit of dead) {
    const asked = askedAt.filter(([of]) => of === unit).length;
    t.true(asked <= CYCLES, `${asked} questions to dead unit ${unit}`);
  }
  for (const { index, unit, periodS } of meter.analysers) {
    const own = samples.filter((sample) => sample.index === index);
    t.is(own.length, (CYCLES * PERIOD_MS) / 1_000 / periodS, `samples of row ${index}`);
    if (!dead.has(unit)) t.true(own.every(({ status }) => status === 'complete'));
  }
  dead.clear();
  await time.advance(4 * PERIOD_MS);
  samples.length = 0;
  await time.advance(2 * PERIOD_MS);
  t.true(samples.every(({ status }) => status === 'complete'));
  await end();
});
