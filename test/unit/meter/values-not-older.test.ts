import { openMeter } from '@farola/agent/meter/meter.js';
import { loadModbusSerial } from '@farola/agent/meter/line/modbus-serial-client.js';
import { createSampler } from '@farola/agent/meter/sampler.js';
import { agentConfigSchema } from '@farola/agent/config.js';
import { parseReadRequest } from '@farola/agent/meter/line/rtu-frame.js';
import type { Reading } from '@farola/agent/meter/reading.js';
import { QUANTITIES } from '@farola/shared';
import test from 'ava';
import { FakeTime } from '../../fakes/fake-time.js';
import { dataAnswer, exceptionAnswer } from '../../fakes/modbus-frames.js';
import { profileWith } from '../../fakes/modbus-profile.js';
import { CollectedTransport } from '../../fakes/modbus-transport.js';
import { seededRandom } from '../../fakes/seeded-random.js';

const BAUD = 1_250;
const BYTE_MS = 10_000 / BAUD;
const BEGIN_MS = Date.UTC(2026, 10, 22, 18, 0, 0);
const TIMEOUT_MS = 400;

/** Energies in whole numbers, far from each other: a request for each few of them. */
const ENERGIES = QUANTITIES.filter(({ decimals }) => decimals === 0).slice(0, 12);
const profile = profileWith(
  ENERGIES.map(({ name }, row) => ({ quantity: name, addr: 300 * (row % 5) + 2 * row, type: 'u32', scale: 1 })),
);

/**
 * A slave on a slow line that shows its own clock in every register: when the question had arrived, in ms since the begin. Some
 * questions it does not answer, some it answers too late, some it refuses.
 */
async function scene(seed: string) {
  const random = seededRandom(seed);
  const draw = (): number => Buffer.from(random.bytes(4)).readUInt32BE() / 2 ** 32;
  const time = new FakeTime(BEGIN_MS);
  const beginMs = time.now().monoMs;
  const transport = new CollectedTransport();
  transport.onWrite = (frame) => {
    const { unit, address, count, functionCode } = parseReadRequest(frame);
    time.after(BYTE_MS * frame.length, () => {
      const drawn = draw();
      if (drawn < 0.03) return;
      const stamp = Math.floor(time.now().monoMs - beginMs);
      // All rows begin at even registers.
      const registers = Array.from({ length: count }, (_, at) => ((address + at) % 2 === 0 ? stamp >>> 16 : stamp & 0xffff));
      const answer = drawn < 0.05 ? exceptionAnswer(unit, 4, functionCode) : dataAnswer(unit, registers, functionCode);
      const lateMs = drawn > 0.95 ? 3 * TIMEOUT_MS : 0;
      time.after(20 + Math.floor(30 * draw()) + lateMs + BYTE_MS * answer.length, () => transport.arrive(answer));
    });
  };
  const names = ENERGIES.map(({ name }) => name);
  const config = agentConfigSchema.parse({
    lines: [{ id: 'main', transport: 'rtu', path: '/dev/x', baud: BAUD, timeoutMs: TIMEOUT_MS, worstLatenessMs: 3_000 }],
    analysers: [1, 2].map((unit) => ({
      id: `a${unit}`,
      line: 'main',
      unit,
      profile: 'plain',
      scanGroups: [
        { seconds: 2, quantities: names.slice(0, 2) },
        { seconds: 15, quantities: names.slice(4, 9) },
      ],
    })),
    sampleSeconds: 10,
  });
  const loaded = { profile, origin: 'own', hash: new Uint8Array(32), path: 'plain.yaml' } as const;
  const meter = openMeter(config, new Map([['plain', loaded]]), {
    clock: { now: () => ({ ...time.now(), monoMs: Math.floor(time.now().monoMs) }) },
    timers: time,
    nowMs: () => time.now().monoMs,
    random: draw,
    recognisable: async () => [],
    transportOf: () => transport,
    clientOf: await loadModbusSerial(),
  });
  const readings: [number, Reading][] = [];
  const sink = (row: number, reading: Reading): void => void readings.push([row, reading]);
  const sampler = createSampler({ lines: meter.readersByLine, sink, clock: time, timers: time });
  const abort = new AbortController();
  const done = sampler.run(abort.signal);
  const end = async (): Promise<void> => {
    abort.abort();
    await meter.close();
    await done;
  };
  return { time, beginMs, meter, readings, end };
}

/** When a value was asked for, by its sample: ms since the begin. */
function instantsOf({ startedAt, offsets, values }: Reading, beginMs: number): number[] {
  const ms = offsets.length === 0 ? values.map(() => 0) : offsets.flatMap((run) => new Array<number>(run.count).fill(run.ms));
  return ms.map((offset) => startedAt.monoMs - beginMs + offset);
}

for (const seed of ['one', 'two']) {
  test(`no value is older than its time says, on a slow line with late, lost and refused questions (${seed})`, async (t) => {
    const { time, beginMs, meter, readings, end } = await scene(seed);
    await time.advance(100_000);
    await end();
    let values = 0;
    let apart = 0;
    for (const [row, reading] of readings) {
      const instants = instantsOf(reading, beginMs);
      t.is(reading.values.length === 0 ? 0 : instants.length, reading.values.length);
      t.true(reading.offsets.every(({ ms }) => ms >= 0 && ms <= reading.spanMs));
      if (reading.offsets.length > 1) apart++;
      for (const [place, value] of reading.values.entries()) {
        if (value === null) continue;
        const agedMs = Number(value) - (instants[place] ?? Infinity);
        values++;
        // Not older, and no younger than the question was on its way: the instant is that of its own request.
        t.true(agedMs >= 0 && agedMs <= Math.ceil(8 * BYTE_MS) + 2, `row ${row}, place ${place}: ${agedMs} ms`);
      }
    }
    const periods = meter.analysers.map(({ id, periodS }) => `${id} ${periodS}`);
    t.deepEqual(periods, ['a1 2', 'a1 15', 'a1 10', 'a2 2', 'a2 15', 'a2 10']);
    t.true(values > 200 && apart > 10, `${values} values, ${apart} readings of several requests`);
    t.true(readings.some(([, { status }]) => status !== 'complete'));
  });
}
