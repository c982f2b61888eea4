import { FarolaError } from '@farola/shared';
import { Asker, QuestionPort } from '@farola/agent/meter/line/modbus-serial-client.js';
import { withCrc } from '@farola/agent/meter/line/rtu-frame.js';
import modbusSerial from 'modbus-serial';
import test from 'ava';
import { dataAnswer, hex } from '../../../fakes/modbus-frames.js';
import { lineOf } from '../../../fakes/modbus-line.js';
import { ScriptedTransport } from '../../../fakes/modbus-transport.js';

const ModbusRTU = modbusSerial.default;

/** modbus-serial on a port that hands it this answer, whatever was asked; `fail` is told what the guard catches. */
function asking(answer: Uint8Array) {
  const caught: unknown[] = [];
  const port = new QuestionPort(
    async () => answer,
    () => undefined,
    (error) => caught.push(error),
  );
  const client = new ModbusRTU(port);
  client.open(() => undefined);
  client.setID(1);
  return { client, port, caught };
}

const MALFORMED = {
  'nothing': new Uint8Array(),
  'one byte': hex('01'),
  'four bytes': hex('01 04 02 00'),
  'a wrong CRC': hex('01 04 04 00 01 00 02 00 00'),
  'too short': dataAnswer(1, [1]),
  'too long': dataAnswer(1, [1, 2, 3]),
  'of another unit': dataAnswer(2, [1, 2]),
  'of another function': dataAnswer(1, [1, 2], 3),
  'a count of bytes that is larger than the frame': withCrc(hex('01 04 FE 00 01 00 02')),
  'an odd count of bytes': withCrc(hex('01 04 07 00 01 00 02')),
  'a function that nobody asked for': withCrc(hex('01 2B 0E 01 01 FF')),
};

for (const [what, answer] of Object.entries(MALFORMED)) {
  test(`modbus-serial 8.0.25 refuses ${what} in its promise, and throws nothing at the port`, async (t) => {
    const { client, caught } = asking(answer);
    await t.throwsAsync(client.readInputRegisters(0, 2));
    t.deepEqual(caught, []);
  });
}

test('modbus-serial throws at its port for an answer that is too short to a question whose answer has any length', async (t) => {
  const { client, caught } = asking(hex('01'));
  void client.customFunction(65, [1]).catch(() => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  t.is(caught.length, 1);
  t.true(caught[0] instanceof RangeError);
  t.false(caught[0] instanceof FarolaError);
});

test('what modbus-serial throws at an answer is the failure of that question, at once and by its name', async (t) => {
  const { transport, line } = lineOf(new ScriptedTransport());
  transport.onWrite = () => transport.receive(dataAnswer(1, [1, 2]));
  const asker = new Asker(line, (port) => {
    const client = new ModbusRTU(port);
    port.prependListener('data', () => {
      throw new RangeError('The value of "offset" is out of range');
    });
    return client;
  });
  const question = { analyser: 'one', unit: 1, functionCode: 4, address: 0, count: 2 } as const;
  const asked = asker.ask(question, undefined, () => t.fail('it still holds the question'));
  const error = await t.throwsAsync<FarolaError>(asked, { instanceOf: FarolaError });
  t.like(error, {
    code: 'meter-malformed',
    facts: { analyser: 'one', unit: 1, reason: 'The value of "offset" is out of range' },
  });
});
