import { SimulatedMeter } from '@farola/agent/meter/tool/simulate/simulated-meter.js';
import { faultyMeter } from '@farola/agent/meter/tool/simulate/faulty-meter.js';
import test from 'ava';
import { exceptionAnswer, readRequest } from '../../../fakes/modbus-frames.js';
import { profileWith } from '../../../fakes/modbus-profile.js';
import { EVENING_MS, shippedProfile } from '../../../fakes/pty-meter.js';

const ROWS = [
  { quantity: 'voltageL1', addr: 0x10, type: 'u16', scale: 0.1 },
  { quantity: 'voltageL2', addr: 0x11, type: 'u16', scale: 0.1 },
  { quantity: 'frequency', addr: 0x20, type: 'u16', scale: 0.01 },
  { quantity: 'activeEnergyImportTotal', addr: 0x30, type: 'u32', scale: 1, functionCode: 3 },
];

const meterOf = (fields: object) =>
  new SimulatedMeter({ profile: profileWith(ROWS, fields), unit: 1, seed: 1, wallMs: () => EVENING_MS });

const CASES: [string, object, [number, number, number?], number | undefined][] = [
  ['registers with a hole between them', {}, [0x10, 17], undefined],
  ['a register before the first', {}, [0x0f, 2], 2],
  ['a register behind the last', {}, [0x20, 2], 2],
  ['registers of the other function', {}, [0x30, 2], 2],
  ['those by their own function', {}, [0x30, 2, 3], undefined],
  ['a hole that may not be read along', { maxHoleRegisters: 13 }, [0x10, 17], 2],
  ['a hole that just may', { maxHoleRegisters: 14 }, [0x10, 17], undefined],
  ['a register in a hole', { maxHoleRegisters: 0 }, [0x12, 1], 2],
  ['what the profile calls unreadable', { unreadable: [{ from: 0x18, to: 0x19 }] }, [0x10, 17], 2],
  ['more than it gives at once', { maxRegisters: 16 }, [0x10, 17], 3],
  ['an odd number where only even ones go', { evenCountOnly: true }, [0x10, 1], 3],
  ['none at all', {}, [0x10, 0], 3],
  ['a function that writes', {}, [0x10, 2, 6], 1],
];

for (const [what, fields, [address, count, functionCode = 4], exception] of CASES) {
  test(`a simulated meter that is asked for ${what} answers ${exception === undefined ? 'them' : `exception ${exception}`}`, (t) => {
    const answer = meterOf(fields).answer(readRequest(1, address, count, functionCode));
    if (exception === undefined) t.is(answer?.length, 5 + 2 * count);
    else t.deepEqual(answer, exceptionAnswer(1, exception, functionCode));
  });
}

test('a simulated meter answers its own unit alone', (t) => {
  t.is(meterOf({}).answer(readRequest(2, 0x10, 1)), undefined);
});

test('an exclusive register tells what it is alone, and another thing in a block', (t) => {
  const meter = new SimulatedMeter({
    profile: shippedProfile('carlo-gavazzi-em300'),
    unit: 1,
    seed: 1,
    facts: { model: 341 },
    wallMs: () => EVENING_MS,
  });
  const { functionCode } = meter.profile;
  const alone = meter.answer(readRequest(1, 0x000b, 1, functionCode));
  t.is(Buffer.from(alone ?? []).readUInt16BE(3), 341);
  const block = meter.answer(readRequest(1, 0x000a, 2, functionCode));
  t.not(Buffer.from(block ?? []).readUInt16BE(5), 341);
});

test('faults hit each so many-th question, and silence comes after so many', (t) => {
  const meter = meterOf({});
  const reply = faultyMeter((request) => meter.answer(request), {
    exception: 4,
    lateMs: 90,
    every: 2,
    delayMs: 10,
    silentAfter: 3,
  });
  const ask = () => reply(readRequest(1, 0x10, 1));
  t.is(reply(readRequest(9, 0x10, 1)).frame, undefined);
  t.like(ask(), { afterMs: 10 });
  t.deepEqual(ask(), { frame: exceptionAnswer(1, 4), afterMs: 100 });
  t.like(ask(), { afterMs: 10 });
  t.is(ask().frame, undefined);
});
