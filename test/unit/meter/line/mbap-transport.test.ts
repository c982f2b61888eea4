import { cutAdus, encodeAdu } from '@farola/agent/meter/line/mbap.js';
import { mbapTransport } from '@farola/agent/meter/line/mbap-transport.js';
import test from 'ava';
import fc from 'fast-check';
import { dataAnswer, exceptionAnswer, hex, readRequest } from '../../../fakes/modbus-frames.js';
import { lineOf } from '../../../fakes/modbus-line.js';
import { ScriptedTransport } from '../../../fakes/modbus-transport.js';
import { runs } from '../../shared/runs.js';

const TIMEOUT_MS = 1_000;
const REQUEST = readRequest(1, 0x00, 2);
const ANSWER = dataAnswer(1, [0, 2301]);

function bench(zeroTransactions = false) {
  const wire = new ScriptedTransport();
  const { time, line, ask: askFor } = lineOf(mbapTransport(wire, { zeroTransactions }), { timeoutMs: TIMEOUT_MS });
  const ask = (request = REQUEST) => askFor(request);
  /** The transaction of the question that was written last. */
  const asked = (): number => {
    const written = wire.written.at(-1);
    return written ? written[0]! * 256 + written[1]! : -1;
  };
  const reply = (transaction: number, rtuFrame = ANSWER): void => wire.receive(encodeAdu({ transaction, rtuFrame }));
  return { time, wire, line, ask, asked, reply };
}

test('a question is a header with transaction, protocol 0 and length, then unit and PDU without a CRC', async (t) => {
  const { wire, ask, reply } = bench();
  wire.onWrite = () => reply(1);
  t.deepEqual(await ask(), ANSWER);
  t.deepEqual(wire.written[0], hex('00 01 00 00 00 06 01 04 00 00 00 02'));
});

test('each question has another transaction, and 65535 is followed by 1', async (t) => {
  const { wire, ask, asked, reply } = bench();
  wire.onWrite = () => reply(asked());
  const seen: number[] = [];
  for (let i = 0; i < 65_537; i++) {
    await ask();
    if (i < 2 || i > 65_533) seen.push(asked());
  }
  t.deepEqual(seen, [1, 2, 65_535, 1, 2]);
});

test('an answer with another transaction is dropped, and the next question is asked at once', async (t) => {
  const { time, wire, line, ask, asked, reply } = bench();
  const first = ask();
  await time.advance(TIMEOUT_MS + 1);
  t.is(await first, 'meter-timeout');
  const other = dataAnswer(1, [0, 9]);
  wire.onWrite = () => {
    reply(asked() - 1, other);
    reply(asked());
  };
  t.deepEqual(await ask(), ANSWER);
  t.like(line.counters, { lateAnswers: 1, timeouts: 1, ok: 1, opened: 1, strayBytes: 0 });
});

test('an answer that is 65535 questions late is taken for none, since no other question has its number', async (t) => {
  const { time, wire, line, ask, asked, reply } = bench();
  const first = ask();
  await time.advance(TIMEOUT_MS + 1);
  t.is(await first, 'meter-timeout');
  t.is(asked(), 1);
  wire.onWrite = () => reply(asked());
  for (let i = 0; i < 65_534; i++) await ask();
  t.is(asked(), 65_535);
  const late = dataAnswer(1, [0, 9]);
  wire.onWrite = () => {
    reply(1, late);
    reply(asked());
  };
  t.deepEqual(await ask(), ANSWER);
  t.deepEqual([asked(), line.counters.lateAnswers, line.counters.opened], [2, 1, 1]);
  wire.onWrite = () => reply(asked());
  for (let i = 0; i < 65_534; i++) await ask();
  t.is(asked(), 1, 'what came at last is free again');
});

test('any mix of answers that are late, lost, doubled and in another order gives each question its own or none', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(5), { minLength: 10, maxLength: 60 }), async (fates) => {
      const { time, wire, ask, asked, reply } = bench();
      const held: [number, number][] = [];
      let question = 0;
      wire.onWrite = () => {
        const mine: [number, number] = [asked(), question];
        const fate = fates[question] ?? 0;
        // 0 and 1 answer, 2 is lost, 3 is held back, 4 lets go what was held before it answers, 5 lets it go and stays silent.
        if (fate >= 4) for (const [of, value] of held.splice(0).toReversed()) reply(of, dataAnswer(1, [0, value]));
        if (fate === 3) held.push(mine);
        if (fate < 2 || fate === 4) reply(mine[0], dataAnswer(1, [0, mine[1]]));
        if (fate === 1) reply(mine[0], dataAnswer(1, [0, mine[1]]));
      };
      for (question = 0; question < fates.length; question++) {
        const answered = ask();
        await time.advance(4 * TIMEOUT_MS);
        const said = await answered;
        const isAnswered = [0, 1, 4].includes(fates[question] ?? 0);
        t.deepEqual(said, isAnswered ? dataAnswer(1, [0, question]) : 'meter-timeout');
      }
    }),
    runs(50),
  );
});

test('an answer that comes twice is taken once', async (t) => {
  const { wire, line, ask, asked, reply } = bench();
  wire.onWrite = () => {
    reply(asked());
    reply(asked());
  };
  t.deepEqual(await ask(), ANSWER);
  t.deepEqual(await ask(), ANSWER);
  t.is(line.counters.lateAnswers, 2);
});

test('an answer of another unit under the right transaction is no answer', async (t) => {
  const { time, wire, ask, asked, reply } = bench();
  wire.onWrite = () => reply(asked(), dataAnswer(2, [0, 2301]));
  const answered = ask();
  await time.advance(TIMEOUT_MS + 1);
  t.is(await answered, 'meter-malformed');
});

test('an exception is passed on', async (t) => {
  const { wire, ask, asked, reply } = bench();
  wire.onWrite = () => reply(asked(), exceptionAnswer(1, 2));
  t.deepEqual(await ask(), exceptionAnswer(1, 2));
});

test('transaction 0 is dropped, and taken only where the configuration says so', async (t) => {
  const strict = bench();
  strict.wire.onWrite = () => strict.reply(0);
  const answered = strict.ask();
  await strict.time.advance(TIMEOUT_MS + 1);
  t.is(await answered, 'meter-malformed');
  strict.wire.onWrite = () => undefined;
  const silent = strict.ask();
  await strict.time.advance(TIMEOUT_MS + 1);
  t.is(await silent, 'meter-timeout');
  const lax = bench(true);
  lax.wire.onWrite = () => lax.reply(0);
  t.deepEqual(await lax.ask(), ANSWER);
});

test('where transaction 0 is taken, the connection is opened anew after a timeout, as nothing tells late answers apart', async (t) => {
  const { time, wire, ask, reply } = bench(true);
  const first = ask();
  await time.advance(TIMEOUT_MS + 1);
  t.is(await first, 'meter-timeout');
  wire.onWrite = () => reply(0);
  const second = ask();
  await time.advance(4 * TIMEOUT_MS);
  t.deepEqual(await second, ANSWER);
  t.is(wire.openings, 2);
});

for (const [what, bytes] of [
  ['with another protocol', '00 01 00 01 00 06 01 04 04 00 00 08'],
  ['that declares 1 byte', '00 01 00 00 00 01 01'],
  ['that declares 255 bytes', '00 01 00 00 00 FF 01 04'],
] as const) {
  test(`a message ${what} ends the connection, and the next question opens another`, async (t) => {
    const { time, wire, line, ask, asked, reply } = bench();
    wire.onWrite = () => wire.receive(hex(bytes));
    t.is(await ask(), 'line-unavailable');
    t.false(wire.isOpen);
    wire.onWrite = () => reply(asked());
    const next = ask();
    await time.advance(TIMEOUT_MS);
    t.deepEqual(await next, ANSWER);
    t.is(line.counters.opened, 2);
  });
}

test('messages are cut out of a stream wherever it is broken up', (t) => {
  const adus = fc.array(fc.tuple(fc.nat(65_535), fc.uint8Array({ minLength: 2, maxLength: 254 })), { maxLength: 6 });
  fc.assert(
    fc.property(adus, fc.array(fc.nat(600)), (sent, borders) => {
      const stream = Buffer.concat(
        sent.map(([transaction, body]) => encodeAdu({ transaction, rtuFrame: Uint8Array.of(...body, 0, 0) })),
      );
      const found: [number, Uint8Array][] = [];
      let waiting: Uint8Array = new Uint8Array();
      let at = 0;
      for (const border of [...borders.toSorted((a, b) => a - b), stream.length]) {
        const cut = cutAdus(Buffer.concat([waiting, stream.subarray(at, Math.max(at, border))]));
        at = Math.max(at, border);
        waiting = cut.rest;
        found.push(...cut.adus.map(({ transaction, rtuFrame }): [number, Uint8Array] => [transaction, rtuFrame.slice(0, -2)]));
      }
      return JSON.stringify(found) === JSON.stringify(sent) && waiting.length === 0;
    }),
    runs(200),
  );
  t.pass();
});
