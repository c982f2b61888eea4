import { analyserReader } from '@farola/agent/meter/analyser-reader.js';
import { parseReadRequest } from '@farola/agent/meter/line/rtu-frame.js';
import type { ReadRequest } from '@farola/agent/meter/line/rtu-frame.js';
import { loadModbusSerial } from '@farola/agent/meter/line/modbus-serial-client.js';
import type { LineCost } from '@farola/agent/meter/plan/line-cost.js';
import { serialCost, USUAL_COST } from '@farola/agent/meter/plan/line-cost.js';
import { PlanBasis } from '@farola/agent/meter/plan/plan-basis.js';
import { decodeRow } from '@farola/agent/meter/profile/decode-registers.js';
import { spanOf } from '@farola/agent/meter/profile/profile.js';
import type { Profile, ProfileRow } from '@farola/agent/meter/profile/profile.js';
import type { Reading } from '@farola/agent/meter/reading.js';
import type { SampleValue } from '@farola/shared';
import test from 'ava';
import fc from 'fast-check';
import { dataAnswer, exceptionAnswer } from '../../../fakes/modbus-frames.js';
import { lineOf } from '../../../fakes/modbus-line.js';
import { ScriptedTransport } from '../../../fakes/modbus-transport.js';
import { runs } from '../../shared/runs.js';
import { arbitraryProfiles } from './arbitrary-profiles.js';

const clientOf = await loadModbusSerial();
const TIMEOUT_MS = 1_000;
const WORST_MS = 3_000;

/** Each register holds something of its own, which depends on its address and function alone. */
function registerAt(address: number, functionCode: number, seed: number): number {
  return Math.imul(address * 2 + (functionCode - 3) + seed, 0x9e3779b1) >>> 16;
}

/** What an exclusive register holds when a request begins there, and at no other time. */
function aloneAt(address: number, functionCode: number, seed: number): number {
  return registerAt(address, functionCode, seed) ^ 0x5a5a;
}

/** Registers as a device gives them to a request that is within the terms of its profile; undefined beyond them. */
function wordsFor({ address, count, functionCode }: ReadRequest, profile: Profile, seed: number): number[] | undefined {
  const { exclusive, unreadable, barriers, maxRegisters, evenCountOnly } = profile;
  const registers = Array.from({ length: count }, (_, index) => address + index);
  const refuses =
    count > maxRegisters ||
    (evenCountOnly && count % 2 === 1) ||
    barriers.some((at) => address < at && at < address + count) ||
    registers.some((at) => unreadable.some(({ from, to }) => from <= at && at <= to));
  if (refuses) return undefined;
  return registers.map((at) =>
    at === address && exclusive.includes(at) ? aloneAt(at, functionCode, seed) : registerAt(at, functionCode, seed),
  );
}

/** What each row says when its registers are asked for by themselves. */
function alone(profile: Profile, seed: number): SampleValue[] {
  return profile.rows.map((row: ProfileRow) => {
    const { from, to } = spanOf(row);
    const functionCode = row.functionCode ?? profile.functionCode;
    const words = Array.from({ length: to - from }, (_, index) =>
      index === 0 && profile.exclusive.includes(from)
        ? aloneAt(from, functionCode, seed)
        : registerAt(from + index, functionCode, seed),
    );
    const bytes = Uint8Array.from(words.flatMap((word) => [word >> 8, word & 0xff]));
    return decodeRow(row, { address: from, bytes }, profile);
  });
}

/** What a line has learned of its device by each pass, ms. */
const TAKES_MS = [undefined, 400, 0.1];

/** A device at the other end of a real line, whose answers leave after so long each, ms; 'never' is no answer at all. */
function deviceOn(profile: Profile, seed: number, delays: readonly (number | 'never')[]) {
  const { time, transport, line } = lineOf(new ScriptedTransport(), { timeoutMs: TIMEOUT_MS, worstLatenessMs: WORST_MS });
  let questions = 0;
  transport.onWrite = (frame) => {
    const request = parseReadRequest(frame);
    const delayMs = delays[questions++ % Math.max(1, delays.length)] ?? 0;
    if (delayMs === 'never') return;
    const words = wordsFor(request, profile, seed);
    const { unit, functionCode } = request;
    const answer = words ? dataAnswer(unit, words, functionCode) : exceptionAnswer(unit, 2, functionCode);
    if (delayMs === 0) transport.receive(answer);
    else time.after(delayMs, () => transport.receive(answer));
  };
  const client = clientOf(line);
  const reading = async (cost: LineCost = USUAL_COST): Promise<Reading[]> => {
    const readings: Reading[] = [];
    // From pass to pass it takes otherwise long, so that each is planned anew.
    const costOf = (learnedMs?: number): LineCost => ({ ...cost, answerMs: learnedMs ?? cost.answerMs });
    const basis = new PlanBasis({ costOf, learnedMs: () => TAKES_MS[readings.length] });
    const reader = analyserReader({ id: 'one', unit: 1, profile, client, clock: time, basis });
    for (let pass = 0; pass < 3; pass++) {
      const asked = reader.read().then((one) => readings.push(one));
      while (readings.length <= pass) await time.advance(250);
      await asked;
    }
    return readings;
  };
  return { reading, counters: line.counters };
}

const costs: fc.Arbitrary<LineCost> = fc.constantFrom(serialCost(1.04, 40), serialCost(8, 0), {
  byteMs: 0,
  answerMs: 5,
  gapMs: 0,
});

test('any profile, any memory, any limit, any policy of holes: a real line brings what each register alone says', async (t) => {
  await fc.assert(
    fc.asyncProperty(arbitraryProfiles(30, true), costs, fc.nat(), async (profile, cost, seed) => {
      const { reading, counters } = deviceOn(profile, seed, []);
      const expected = alone(profile, seed);
      for (const { values, status } of await reading(cost)) {
        t.is(status, 'complete');
        t.deepEqual(values, expected);
      }
      t.is(counters.exceptions, 0);
    }),
    runs(100),
  );
});

test('and where answers are late or lost, that or nothing', async (t) => {
  const delay = fc.oneof(
    { weight: 5, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: WORST_MS - 1 }) },
    { weight: 1, arbitrary: fc.constant<'never'>('never') },
  );
  const delays = fc.array(delay, { minLength: 5, maxLength: 40 });
  let [values, missing, late] = [0, 0, 0];
  await fc.assert(
    fc.asyncProperty(arbitraryProfiles(12, true), costs, fc.nat(), delays, async (profile, cost, seed, drawn) => {
      const { reading, counters } = deviceOn(profile, seed, drawn);
      const expected = alone(profile, seed);
      for (const { status, values: found } of await reading(cost)) {
        if (status === 'complete') t.deepEqual(found, expected);
        const wrong = found.filter((value, row) => value !== null && value !== expected[row]);
        t.deepEqual(wrong, []);
        values += found.filter((value) => value !== null).length;
        missing += found.filter((value, row) => value === null && expected[row] !== null).length;
      }
      late += counters.lateAnswers;
    }),
    runs(100),
  );
  t.log({ values, missing, late });
  t.true(values > missing / 4 && late > 0);
});
