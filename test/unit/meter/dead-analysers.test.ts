import { openMeter } from '@farola/agent/meter/meter.js';
import { loadModbusSerial } from '@farola/agent/meter/line/modbus-serial-client.js';
import { createSampler } from '@farola/agent/meter/sampler.js';
import { readProfiles, SHIPPED_PROFILES } from '@farola/agent/meter/profile/profile-file.js';
import { agentConfigSchema } from '@farola/agent/config.js';
import { parseReadRequest } from '@farola/agent/meter/line/rtu-frame.js';
import test from 'ava';
import { FakeTime } from '../../fakes/fake-time.js';
import { dataAnswer, exceptionAnswer } from '../../fakes/modbus-frames.js';
import { CollectedTransport } from '../../fakes/modbus-transport.js';

const { profiles: shipped } = await readProfiles([SHIPPED_PROFILES]);

/** A model without registers of identity: whatever answers is read. */
const LIVE = 'circutor-cvm-c10';
const PERIOD_MS = 10_000;
const UNITS = [1, 2, 3, 4, 5, 6, 7, 8];
const LATENCY_MS = 40;
const BYTE_MS = 10_000 / 9_600;

/** The same, but that it lets three questions go by. */
const SLEEPY = 'sleepy';
const live = shipped.get(LIVE);
if (!live) throw new RangeError(`${LIVE} is not shipped`);
const profiles = new Map([...shipped, [SLEEPY, { ...live, profile: { ...live.profile, id: SLEEPY, wakeUp: { questions: 3 } } }]]);

/** What a bench need not name. */
interface Bench {
  readonly scanGroups?: readonly object[];
  /** Of the units that are dead when it begins. */
  readonly deadProfile?: string;
  readonly periodS?: number;
  /** What a gateway answers for the dead, after 800 ms; nobody answers when it is not told. */
  readonly gatewayException?: number;
}

/** Eight analysers on one line of 9600 baud, of which some answer nothing. */
async function bench(
  dead: ReadonlySet<number>,
  { scanGroups, deadProfile = LIVE, periodS = PERIOD_MS / 1_000, gatewayException }: Bench = {},
) {
  const time = new FakeTime(Date.UTC(2026, 10, 22, 18, 0, 0));
  const transport = new CollectedTransport();
  const askedAt: [number, number][] = [];
  /** Questions that a unit lets go by before it answers. */
  const asleep = new Map<number, number>();
  transport.onWrite = (frame) => {
    const { unit, count, functionCode } = parseReadRequest(frame);
    askedAt.push([unit, time.now().wallMs]);
    const left = asleep.get(unit) ?? 0;
    asleep.set(unit, left - 1);
    if (dead.has(unit) && gatewayException !== undefined)
      time.after(800, () => transport.arrive(exceptionAnswer(unit, gatewayException, functionCode)));
    if (dead.has(unit) || left > 0) return;
    const answer = dataAnswer(unit, new Array<number>(count).fill(0), functionCode);
    time.after(BYTE_MS * (frame.length + answer.length) + LATENCY_MS, () => transport.arrive(answer));
  };
  const config = agentConfigSchema.parse({
    lines: [{ id: 'main', transport: 'rtu', path: '/dev/x', baud: 9_600, timeoutMs: 1_000 }],
    analysers: UNITS.map((unit) => ({
      id: `a${unit}`,
      line: 'main',
      unit,
      profile: dead.has(unit) ? deadProfile : LIVE,
      scanGroups,
    })),
    sampleSeconds: periodS,
  });
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
  return { time, meter, samples, askedAt, asleep, sampler, end };
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

for (const gatewayException of [10, 11]) {
  test(`those for which a gateway answers exception ${gatewayException} are dead: the others keep their period`, async (t) => {
    const dead = new Set([1, 3, 4, 7]);
    const { time, samples, askedAt, sampler, end } = await bench(dead, { deadProfile: 'eastron-sdm630', gatewayException });
    await time.advance(3 * PERIOD_MS);
    samples.length = 0;
    askedAt.length = 0;
    const CYCLES = 15;
    await time.advance(CYCLES * PERIOD_MS - 1);
    for (const unit of UNITS) {
      const own = samples.filter((sample) => sample.unit === unit);
      t.is(own.length, CYCLES, `samples of ${unit}`);
      const asked = askedAt.filter(([of]) => of === unit).length;
      if (dead.has(unit)) t.true(asked <= CYCLES, `${asked} questions to dead unit ${unit}`);
      else t.true(own.every(({ status }) => status === 'complete'));
    }
    for (const index of UNITS.keys()) t.is(sampler.skipped(index), 0);
    await end();
  });
}

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
  const { time, meter, samples, askedAt, end } = await bench(dead, {
    scanGroups: [
      { seconds: 10, quantities: ['voltageL*'] },
      { seconds: 10, quantities: ['currentL*'] },
      { seconds: 20, quantities: ['activePower*'] },
    ],
  });
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

for (const id of shipped.keys()) {
  test(`four dead ${id} cost the four others of their line nothing, from the first contact on`, async (t) => {
    const dead = new Set([1, 3, 4, 7]);
    const { time, samples, askedAt, sampler, end } = await bench(dead, { deadProfile: id });
    const CYCLES = 24;
    const beginMs = time.now().wallMs;
    await time.advance(CYCLES * PERIOD_MS - 1);
    for (const unit of UNITS) {
      const own = samples.filter((sample) => sample.unit === unit);
      t.is(own.length, CYCLES, `samples of ${unit}`);
      const offsets = own.map(({ atMs }, cycle) => atMs - beginMs - cycle * PERIOD_MS);
      // In the first cycle it is not known yet who is dead: each that is costs those behind it one question.
      const steady = offsets.slice(1);
      if (!dead.has(unit)) t.true(Math.max(...steady) - Math.min(...steady) < 100, `unit ${unit}: ${String(offsets)}`);
    }
    for (const index of UNITS.keys()) t.is(sampler.skipped(index), 0);
    for (const unit of dead) {
      const asked = askedAt.filter(([of]) => of === unit).map(([, atMs]) => atMs - beginMs);
      for (let cycle = 0; cycle < CYCLES; cycle++) {
        const [, ...beyond] = asked.filter((ms) => Math.floor(ms / PERIOD_MS) === cycle);
        const inIdleTime = beyond.every((ms) => (cycle + 1) * PERIOD_MS - ms >= 1_000);
        const allowed = profiles.get(id)?.profile.wakeUp ? inIdleTime : beyond.length === 0;
        t.true(allowed, `cycle ${cycle}: ${1 + beyond.length} questions to dead unit ${unit}`);
      }
    }
    await end();
  });
}

const TWO_GROUPS = [{ seconds: 60, quantities: ['activePower*'] }];

test('analysers that let questions go by are awake and read within a period of their first contact, all their groups', async (t) => {
  const sleepy = new Set([2, 5]);
  const { time, samples, asleep, sampler, end } = await bench(sleepy, {
    deadProfile: SLEEPY,
    periodS: 30,
    scanGroups: TWO_GROUPS,
  });
  sleepy.clear();
  for (const unit of [2, 5]) asleep.set(unit, 3);
  await time.advance(30_000 - 1);
  const of = (unit: number): string[] => samples.filter((one) => one.unit === unit).map(({ status }) => status);
  for (const unit of [2, 5]) {
    t.deepEqual(of(unit).toSorted(), ['complete', 'complete', 'timeout', 'timeout'], `unit ${unit}: ${String(of(unit))}`);
  }
  samples.length = 0;
  await time.advance(60_000);
  t.true(samples.every(({ status }) => status === 'complete'));
  for (const index of samples.keys()) t.is(sampler.skipped(index), 0);
  await end();
});

test('a line that has no time to spare asks a silent analyser no question to wake it', async (t) => {
  const dead = new Set([1]);
  const { time, samples, askedAt, end } = await bench(dead, { deadProfile: SLEEPY, periodS: 4 });
  await time.advance(12_000);
  samples.length = 0;
  askedAt.length = 0;
  const beginMs = time.now().wallMs;
  await time.advance(240_000 - 1);
  const others = samples.filter(({ unit }) => unit !== 1);
  t.is(others.length, 7 * 60);
  t.true(others.every(({ status }) => status === 'complete'));
  const cycles = askedAt.filter(([unit]) => unit === 1).map(([, atMs]) => Math.floor((atMs - beginMs) / 4_000));
  t.is(new Set(cycles).size, cycles.length, `cycles with a question: ${String(cycles)}`);
  t.true(cycles.length >= 6);
  await end();
});

test('one that fell asleep between two readings is woken, and its breaker closed', async (t) => {
  const sleepy = new Set([4]);
  const { time, samples, asleep, end } = await bench(sleepy, { deadProfile: SLEEPY });
  await time.advance(6 * PERIOD_MS);
  sleepy.clear();
  asleep.set(4, 3);
  await time.advance(12 * PERIOD_MS);
  samples.length = 0;
  await time.advance(2 * PERIOD_MS);
  t.true(samples.every(({ status }) => status === 'complete'));
  await end();
});

test('the period in which an analyser of several groups dies costs its line two questions more than the others', async (t) => {
  const dead = new Set<number>();
  const { time, askedAt, end } = await bench(dead, {
    scanGroups: [
      { seconds: 10, quantities: ['voltageL*'] },
      { seconds: 10, quantities: ['currentL*'] },
    ],
  });
  await time.advance(3 * PERIOD_MS - 1);
  dead.add(4);
  const asked: number[] = [];
  for (let cycle = 0; cycle < 6; cycle++) {
    askedAt.length = 0;
    await time.advance(PERIOD_MS);
    asked.push(askedAt.filter(([unit]) => unit === 4).length);
  }
  t.is(asked[0], 3);
  t.true(
    asked.slice(1).every((questions) => questions <= 1),
    String(asked),
  );
  await end();
});
