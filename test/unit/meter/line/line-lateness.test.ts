import test from 'ava';
import { settle } from '../../../fakes/fake-time.js';
import { dataAnswer, exceptionAnswer, readRequest } from '../../../fakes/modbus-frames.js';
import { lineOf } from '../../../fakes/modbus-line.js';
import { ScriptedTransport } from '../../../fakes/modbus-transport.js';

const TIMEOUT_MS = 1_000;
const LATENESS_MS = 3_000;
const SILENCE_MS = 100;

const bench = () => lineOf(new ScriptedTransport(), { timeoutMs: TIMEOUT_MS, worstLatenessMs: LATENESS_MS });

/** A line on which a question for one register was given up. */
async function afterTimeout() {
  const all = bench();
  const first = all.ask(readRequest(1, 0x00, 1));
  await all.time.advance(TIMEOUT_MS);
  return { ...all, first: await first };
}

test('a question for another number of registers is asked as soon as the line is silent, and a late answer is none to it', async (t) => {
  const { time, transport, line, ask, first } = await afterTimeout();
  t.is(first, 'meter-timeout');
  t.deepEqual([...line.owedCounts(1, 4)], [1]);
  const second = ask(readRequest(1, 0x10, 2));
  await time.advance(SILENCE_MS);
  t.is(transport.written.length, 2);
  transport.receive(dataAnswer(1, [1111]));
  await settle();
  t.is(line.counters.lateAnswers, 1);
  t.is(line.units.get(1)?.counters.lateAnswers, 1);
  transport.receive(dataAnswer(1, [2222, 3333]));
  t.deepEqual(await second, dataAnswer(1, [2222, 3333]));
});

test('an answer stays owed though a later question was answered: a gateway need not keep the order', async (t) => {
  const { time, transport, line, ask } = await afterTimeout();
  transport.onWrite = (frame) => {
    if (frame[5] === 2) transport.receive(dataAnswer(1, [2222, 3333]));
  };
  const second = ask(readRequest(1, 0x10, 2));
  await time.advance(SILENCE_MS);
  t.deepEqual(await second, dataAnswer(1, [2222, 3333]));
  t.deepEqual([...line.owedCounts(1, 4)], [1]);
  const third = ask(readRequest(1, 0x20, 1));
  await time.advance(500);
  transport.receive(dataAnswer(1, [1111]));
  await time.advance(2 * SILENCE_MS);
  t.is(transport.written.length, 3, 'asked once the late answer was seen, and the line was opened anew');
  transport.receive(dataAnswer(1, [4444]));
  t.deepEqual(await third, dataAnswer(1, [4444]));
});

test('a question whose answer could be mistaken lets those of other units go first', async (t) => {
  const { time, transport, ask } = await afterTimeout();
  const same = ask(readRequest(1, 0x20, 1));
  const other = ask(readRequest(2, 0x20, 1));
  await time.advance(SILENCE_MS);
  t.deepEqual(transport.written.at(-1), readRequest(2, 0x20, 1));
  transport.receive(dataAnswer(2, [7]));
  t.deepEqual(await other, dataAnswer(2, [7]));
  await time.advance(LATENESS_MS);
  t.deepEqual(transport.written.at(-1), readRequest(1, 0x20, 1));
  transport.receive(dataAnswer(1, [8]));
  t.deepEqual(await same, dataAnswer(1, [8]));
});

test('late bytes in the silence after a failure are counted, and the line is opened anew', async (t) => {
  const { time, transport, line, ask } = await afterTimeout();
  const second = ask(readRequest(2, 0x10, 1));
  await time.advance(SILENCE_MS / 2);
  transport.receive(dataAnswer(1, [1111]));
  await time.advance(2 * SILENCE_MS);
  t.like(line.counters, { opened: 2, lateAnswers: 1 });
  t.is(transport.written.length, 2);
  transport.receive(dataAnswer(2, [2222]));
  t.deepEqual(await second, dataAnswer(2, [2222]));
});

test('silence without late bytes leaves the line open', async (t) => {
  const { time, transport, line, ask } = await afterTimeout();
  void ask(readRequest(2, 0x10, 1));
  await time.advance(SILENCE_MS);
  t.is(transport.written.length, 2);
  t.is(line.counters.opened, 1);
});

test('an exception that may answer an earlier question is taken for neither', async (t) => {
  const { time, transport, ask } = await afterTimeout();
  const second = ask(readRequest(1, 0x10, 2));
  await time.advance(SILENCE_MS);
  transport.receive(exceptionAnswer(1, 2));
  t.is(await second, 'meter-malformed');
});

test('an exception of a unit that owes nothing is its answer', async (t) => {
  const { time, transport, ask } = await afterTimeout();
  const second = ask(readRequest(2, 0x10, 2));
  await time.advance(SILENCE_MS);
  transport.receive(exceptionAnswer(2, 2));
  t.deepEqual(await second, exceptionAnswer(2, 2));
});

test('an answer of another length than was asked for is taken for none', async (t) => {
  const { time, transport, ask } = bench();
  const asked = ask(readRequest(1, 0x10, 2));
  await settle();
  transport.receive(dataAnswer(1, [1]));
  await time.advance(TIMEOUT_MS);
  t.is(await asked, 'meter-malformed');
});

test('an answer that is coming in when its time is over is waited for', async (t) => {
  const { time, transport, ask } = bench();
  const asked = ask(readRequest(1, 0x10, 1));
  await time.advance(TIMEOUT_MS - 10);
  for (const byte of dataAnswer(1, [2301])) {
    transport.receive([byte]);
    await time.advance(5);
  }
  t.deepEqual(await asked, dataAnswer(1, [2301]));
});

test('bytes that never end are waited for twice as long and no longer', async (t) => {
  const { time, transport, ask } = bench();
  const asked = ask(readRequest(1, 0x10, 1));
  await settle();
  for (let ms = 0; ms < 2 * TIMEOUT_MS + 100; ms += 10) {
    transport.receive([0x55]);
    await time.advance(10);
  }
  t.is(await asked, 'meter-malformed');
});

test('a connection on which answers are told apart is opened anew when a thousand questions in all were not answered', async (t) => {
  const { time, transport, line, ask } = bench();
  transport.tellsApart = true;
  for (let question = 1; question <= 2_001; question++) {
    const isAnswered = question % 2 === 0;
    transport.onWrite = () => isAnswered && transport.receive(dataAnswer(1, [1]));
    const asked = ask(readRequest(1, 0x10, 1));
    await time.advance(TIMEOUT_MS);
    await asked;
    if (question === 1_998) t.is(line.counters.opened, 1);
  }
  t.is(line.counters.opened, 2);
});

test('a connection on which answers are told apart is opened anew when three questions in a row were not answered', async (t) => {
  const { time, transport, line, ask } = bench();
  transport.tellsApart = true;
  for (let question = 1; question <= 3; question++) {
    const asked = ask(readRequest(1, 0x10, 1));
    await time.advance(TIMEOUT_MS);
    t.is(await asked, 'meter-timeout');
    t.is(line.counters.opened, 1);
  }
  t.is(line.owedCounts(1, 4).size, 0);
  void ask(readRequest(1, 0x10, 1));
  await time.advance(SILENCE_MS);
  t.is(line.counters.opened, 2);
});
