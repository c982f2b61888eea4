import { FarolaError } from '@farola/shared';
import {
  answerLength,
  crc16,
  crcFits,
  explainMismatch,
  findAnswer,
  parseReadRequest,
  withCrc,
  withoutEcho,
} from '@farola/agent/meter/line/rtu-frame.js';
import test from 'ava';
import fc from 'fast-check';
import { dataAnswer, exceptionAnswer, hex, readRequest } from '../../../fakes/modbus-frames.js';

// Known answers: Circutor CVM-MINI manual p. 23 (whose printed CRC 86 21 is a misprint) and the Modbus specification.
const KNOWN_FRAMES = [
  '0A 04 00 00 00 02 70 B0',
  '0A 04 04 00 00 08 4D 86 B1',
  '11 03 00 6B 00 03 76 87',
  '11 03 06 AE 41 56 52 43 40 49 AD',
];

for (const frame of KNOWN_FRAMES) {
  test(`computes the CRC of ${frame}`, (t) => {
    t.true(crcFits(hex(frame)));
    t.deepEqual(withCrc(hex(frame).subarray(0, -2)), hex(frame));
  });
}

test('computes the CRC check value of CRC-16/MODBUS', (t) => {
  t.is(crc16(new TextEncoder().encode('123456789')), 0x4b37);
});

test('refuses the misprinted CRC', (t) => {
  t.false(crcFits(hex('0A 04 04 00 00 08 4D 86 21')));
});

test('reads what a request asks', (t) => {
  t.deepEqual(parseReadRequest(hex('11 03 00 6B 00 03 76 87')), { unit: 17, functionCode: 3, address: 107, count: 3 });
});

test('expects two bytes per register', (t) => {
  t.is(answerLength({ unit: 1, functionCode: 3, address: 0, count: 3 }), 11);
});

for (const functionCode of [0, 1, 2, 5, 6, 8, 15, 16, 22, 23, 43, 0x84]) {
  test(`refuses function ${functionCode}, which reads no registers`, (t) => {
    const frame = readRequest(1, 0x0834, 0xff00, functionCode);
    const error = t.throws(() => parseReadRequest(frame), { instanceOf: FarolaError });
    t.is(error.code, 'modbus-write-refused');
  });
}

test('refuses a read request with bytes of another behind it', (t) => {
  const both = Uint8Array.of(...readRequest(1, 0, 2), ...readRequest(1, 0x0834, 0xff00, 5));
  t.throws(() => parseReadRequest(both), { instanceOf: RangeError });
});

const asks = parseReadRequest(readRequest(10, 0, 2));
const answer = dataAnswer(10, [0, 0x084d]);

test('finds the answer', (t) => {
  t.deepEqual(findAnswer(answer, asks), { frame: answer, start: 0, end: 9, exception: undefined });
});

test('finds an exception', (t) => {
  t.is(findAnswer(exceptionAnswer(10, 2), asks)?.exception, 2);
});

test('finds the answer behind noise, an echo, or an answer of another unit', (t) => {
  for (const before of [hex('00 FF 0A 04'), readRequest(10, 0, 2), dataAnswer(11, [1, 2]), dataAnswer(10, [1])]) {
    t.deepEqual(findAnswer(Uint8Array.of(...before, ...answer), asks)?.frame, answer);
  }
});

const MISMATCHES = ['crc', 'short', 'unit', 'function', 'length', 'mbap'] as const;
const NO_ANSWERS = {
  crc: Uint8Array.of(...answer.subarray(0, -1), 0),
  short: answer.subarray(0, 6),
  unit: dataAnswer(11, [0, 0x084d]),
  function: dataAnswer(10, [0, 0x084d], 3),
  length: dataAnswer(10, [0x084d]),
  mbap: hex('0A 04 00 00 00 03 71 84 01'),
} as const;

for (const mismatch of MISMATCHES) {
  const bytes = NO_ANSWERS[mismatch];
  test(`takes nothing for an answer when the ${mismatch} does not fit, and says so`, (t) => {
    t.is(findAnswer(bytes, asks), undefined);
    t.is(explainMismatch(bytes, asks), mismatch);
  });
}

test('takes an echo away, and only an echo', (t) => {
  const request = readRequest(10, 0, 2);
  t.is(withoutEcho(request, request).length, 0);
  t.deepEqual(withoutEcho(answer, request), answer);
});

test('never takes random bytes for an answer, and never throws', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const found = findAnswer(bytes, asks);
      t.true(found === undefined || crcFits(found.frame));
      if (!found) explainMismatch(bytes, asks);
    }),
  );
});

test('finds any answer whatever stands around it', (t) => {
  const registers = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 1, maxLength: 125 });
  fc.assert(
    fc.property(registers, fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 40 }), (values, before, after) => {
      const request = parseReadRequest(readRequest(7, 0, values.length));
      const frame = dataAnswer(7, values);
      t.deepEqual(findAnswer(Uint8Array.of(...before, ...frame, ...after), request)?.frame, frame);
    }),
  );
});
