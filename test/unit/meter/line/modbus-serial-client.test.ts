import { FarolaError } from '@farola/shared';
import { loadModbusSerial } from '@farola/agent/meter/line/modbus-serial-client.js';
import test from 'ava';
import { settle } from '../../../fakes/fake-time.js';
import { dataAnswer, exceptionAnswer, hex, readRequest } from '../../../fakes/modbus-frames.js';
import { lineOf } from '../../../fakes/modbus-line.js';
import { ScriptedTransport } from '../../../fakes/modbus-transport.js';

async function bench() {
  const { time, transport, line } = lineOf(new ScriptedTransport());
  const client = (await loadModbusSerial())(line);
  const read = (unit: number, count: number, functionCode: 3 | 4 = 4) =>
    client.read({ analyser: 'one', unit, functionCode, address: 0x10, count }).catch((error: unknown) => {
      if (error instanceof FarolaError) return error;
      throw error;
    });
  return { time, transport, line, read };
}

for (const functionCode of [3, 4] as const) {
  test(`reads registers with function ${functionCode}`, async (t) => {
    const { transport, read } = await bench();
    transport.onWrite = () => transport.receive(dataAnswer(1, [0x1234, 0xabcd], functionCode));
    t.deepEqual(await read(1, 2, functionCode), Uint8Array.of(0x12, 0x34, 0xab, 0xcd));
    t.deepEqual(transport.written, [readRequest(1, 0x10, 2, functionCode)]);
  });
}

test('tells the code of an exception', async (t) => {
  const { transport, read } = await bench();
  transport.onWrite = () => transport.receive(exceptionAnswer(1, 2));
  const error = await read(1, 2);
  t.like(error, { code: 'meter-exception', facts: { analyser: 'one', unit: 1, exception: 2 } });
});

for (const [exception, code] of [
  [4, 'meter-faulty'],
  [5, 'meter-busy'],
  [6, 'meter-busy'],
  [10, 'meter-unreachable'],
  [11, 'meter-unreachable'],
] as const) {
  test(`exception ${exception} is ${code}`, async (t) => {
    const { transport, read } = await bench();
    transport.onWrite = () => transport.receive(exceptionAnswer(7, exception));
    t.like(await read(7, 2), { code, facts: { analyser: 'one', unit: 7, exception } });
  });
}

test('tells a timeout', async (t) => {
  const { time, read } = await bench();
  const asked = read(1, 2);
  await time.advance(1_000);
  t.like(await asked, { code: 'meter-timeout', facts: { analyser: 'one', unit: 1, timeoutMs: 1_000 } });
});

test('gives three readers at once each its own answer', async (t) => {
  const { time, transport, read } = await bench();
  transport.onWrite = (frame) => transport.receive(dataAnswer(frame[0] ?? 0, [(frame[0] ?? 0) * 100]));
  const asked = Promise.all([1, 2, 3].map((unit) => read(unit, 1)));
  await time.advance(1);
  t.deepEqual(await asked, [Uint8Array.of(0, 100), Uint8Array.of(0, 200), Uint8Array.of(1, 44)]);
});

test('survives answers of every wrong length', async (t) => {
  const { time, transport, read } = await bench();
  for (const bytes of [hex('01'), hex('01 04'), dataAnswer(1, [1]), dataAnswer(1, [1, 2, 3]), hex('01 84 02 00 00')]) {
    const asked = read(1, 2);
    for (let ms = 0; ms < 4_000; ms += 250) await time.advance(250);
    transport.receive(bytes);
    await time.advance(1_000);
    t.true((await asked) instanceof FarolaError);
  }
});

test('a question after one that was given up has its own answer, and so has the one after a refusal', async (t) => {
  const { time, transport, read } = await bench();
  const lost = read(1, 2);
  await time.advance(1_000);
  t.like(await lost, { code: 'meter-timeout' });
  transport.onWrite = () => transport.receive(dataAnswer(2, [7, 8, 9]));
  const next = read(2, 3);
  await time.advance(1_000);
  t.deepEqual(await next, Uint8Array.of(0, 7, 0, 8, 0, 9));
  transport.onWrite = () => transport.receive(exceptionAnswer(2, 2));
  t.like(await read(2, 3), { code: 'meter-exception' });
  transport.onWrite = () => transport.receive(dataAnswer(2, [4, 5, 6], 3));
  t.deepEqual(await read(2, 3, 3), Uint8Array.of(0, 4, 0, 5, 0, 6));
});

test('what was read stays as it was when more is read', async (t) => {
  const { transport, read } = await bench();
  const answers: unknown[] = [];
  for (let turn = 0; turn < 200; turn++) {
    transport.onWrite = () => transport.receive(dataAnswer(1, Array(60).fill(turn)));
    answers.push(await read(1, 60));
  }
  answers.forEach((answer, turn) =>
    t.deepEqual(
      answer,
      Uint8Array.from({ length: 120 }, (_, at) => (at % 2) * turn),
    ),
  );
});

test('leaves no timer behind when the line has answered and is closed', async (t) => {
  const { time, transport, line, read } = await bench();
  transport.onWrite = () => transport.receive(dataAnswer(1, [1, 2]));
  await read(1, 2);
  await settle();
  await line.close();
  t.is(time.pending, 0);
});
