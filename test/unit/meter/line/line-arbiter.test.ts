import { FarolaError } from '@farola/shared';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { settle } from '../../../fakes/fake-time.js';
import { dataAnswer, exceptionAnswer, hex, readRequest } from '../../../fakes/modbus-frames.js';
import { lineOf } from '../../../fakes/modbus-line.js';
import { ScriptedTransport } from '../../../fakes/modbus-transport.js';

const TIMEOUT_MS = 1_000;
const GAP_MS = 5;
const LATENESS_MS = 3_000;
/** After a failure, or bytes that nobody asked for. */
const SILENCE_MS = 100;

const bench = () =>
  lineOf(new ScriptedTransport(), { timeoutMs: TIMEOUT_MS, gapMs: GAP_MS, unitGapMs: GAP_MS, worstLatenessMs: LATENESS_MS });

/** Moves time until the arbiter has written so many frames in all. */
async function untilWritten(t: ExecutionContext, { time, transport }: ReturnType<typeof bench>, count: number) {
  for (let ms = 0; transport.written.length < count; ms++) {
    if (ms > 20_000) t.fail(`only ${transport.written.length} frames were written`);
    await time.advance(1);
  }
}

const request = readRequest(1, 0x00, 2);
const answer = dataAnswer(1, [0, 2301]);

test('answers with the frame that fits the question', async (t) => {
  const { transport, line, ask } = bench();
  transport.onWrite = () => transport.receive(answer);
  t.deepEqual(await ask(request), answer);
  t.deepEqual(transport.written, [request]);
  t.is(line.counters.ok, 1);
});

test('puts an answer together that comes byte by byte', async (t) => {
  const { time, transport, ask } = bench();
  const asked = ask(request);
  await settle();
  for (const byte of answer) {
    transport.receive([byte]);
    await time.advance(1);
  }
  t.deepEqual(await asked, answer);
});

test('passes an exception on and counts it', async (t) => {
  const { transport, line, ask } = bench();
  transport.onWrite = () => transport.receive(exceptionAnswer(1, 2));
  t.deepEqual(await ask(request), exceptionAnswer(1, 2));
  t.is(line.counters.exceptions, 1);
});

test('never takes a late answer for the one to the next question of the same shape', async (t) => {
  const all = bench();
  const { time, transport, line, ask } = all;
  const first = ask(readRequest(1, 0x00, 2));
  await time.advance(TIMEOUT_MS);
  t.is(await first, 'meter-timeout');
  const second = ask(readRequest(1, 0x10, 2));
  await time.advance(150);
  transport.receive(dataAnswer(1, [0, 1111]));
  t.is(line.counters.lateAnswers, 1);
  await untilWritten(t, all, 2);
  transport.receive(dataAnswer(1, [0, 2222]));
  t.deepEqual(await second, dataAnswer(1, [0, 2222]));
});

test('does not ask a shape again while its late answer may still come', async (t) => {
  const { time, transport, ask } = bench();
  const first = ask(readRequest(1, 0x00, 2));
  await time.advance(TIMEOUT_MS);
  await first;
  const second = ask(readRequest(1, 0x10, 2));
  await time.advance(3 * TIMEOUT_MS - 1);
  t.is(transport.written.length, 1);
  await time.advance(1);
  t.is(transport.written.length, 2);
  await time.advance(TIMEOUT_MS);
  t.is(await second, 'meter-timeout');
});

test('takes an answer that lay in the socket when a process that was held up saw its timers first', async (t) => {
  const { time, transport, line, ask } = bench();
  const asked = ask(request);
  await settle();
  time.after(TIMEOUT_MS, () => transport.receive(answer));
  await time.advance(TIMEOUT_MS);
  t.deepEqual(await asked, answer);
  t.like(line.counters, { ok: 1, timeouts: 0 });
  await time.advance(10 * TIMEOUT_MS);
  t.is(time.pending, 0);
});

test('opens a line anew after a failure when a gateway may hold the answer back', async (t) => {
  const all = bench();
  const { time, transport, ask } = all;
  transport.holdsBack = true;
  const first = ask(request);
  await time.advance(TIMEOUT_MS);
  t.is(await first, 'meter-timeout');
  const second = ask(readRequest(2, 0, 2));
  await untilWritten(t, all, 2);
  t.is(transport.openings, 2);
  transport.receive(dataAnswer(2, [1, 2]));
  t.deepEqual(await second, dataAnswer(2, [1, 2]));
  const third = ask(request);
  await untilWritten(t, all, 3);
  t.is(transport.openings, 2, 'once is enough');
  transport.receive(answer);
  await third;
});

test('asks another unit after a short silence, and drops the late answer of the first', async (t) => {
  const all = bench();
  const { time, transport, line, ask } = all;
  const first = ask(readRequest(1, 0x00, 2));
  await time.advance(TIMEOUT_MS);
  t.is(await first, 'meter-timeout');
  const second = ask(readRequest(2, 0x00, 2));
  await time.advance(TIMEOUT_MS / 4);
  t.is(transport.written.length, 2);
  transport.receive(dataAnswer(1, [0, 1111]));
  transport.receive(dataAnswer(2, [0, 2222]));
  t.deepEqual(await second, dataAnswer(2, [0, 2222]));
  t.is(line.counters.lateAnswers, 1);
});

test('serves three questions at once one after the other, in their order', async (t) => {
  const all = bench();
  const { transport, ask } = all;
  const asked = [1, 2, 3].map((unit) => ask(readRequest(unit, 0, 1)));
  for (const unit of [1, 2, 3]) {
    await untilWritten(t, all, unit);
    t.is(transport.written.length, unit);
    transport.receive(dataAnswer(unit, [unit * 11]));
  }
  t.deepEqual(await Promise.all(asked), [dataAnswer(1, [11]), dataAnswer(2, [22]), dataAnswer(3, [33])]);
});

test('keeps the gap between the last byte and the next question', async (t) => {
  const { time, transport, ask } = bench();
  transport.onWrite = () => transport.receive(answer);
  await ask(request);
  const second = ask(request);
  await time.advance(GAP_MS - 1);
  t.is(transport.written.length, 1);
  await time.advance(1);
  await second;
  t.is(transport.written.length, 2);
});

const MALFORMED: Record<string, Uint8Array> = {
  'garbage': hex('DE AD BE EF 00 11 22 33 44'),
  'a short answer': answer.subarray(0, 7),
  'one byte': hex('01'),
  'a wrong CRC': Uint8Array.of(...answer.subarray(0, -1), 0),
  'an answer of another unit': dataAnswer(9, [0, 2301]),
  'an answer to another function': dataAnswer(1, [0, 2301], 3),
  'an answer of another length': dataAnswer(1, [2301]),
};

for (const [what, bytes] of Object.entries(MALFORMED)) {
  test(`drops ${what}, and serves the next question`, async (t) => {
    const all = bench();
    const { time, transport, line, ask } = all;
    const first = ask(request);
    await settle();
    transport.receive(bytes);
    await time.advance(TIMEOUT_MS);
    t.is(await first, 'meter-malformed');
    t.is(line.counters.malformed, 1);
    const second = ask(readRequest(1, 0x10, 2));
    await untilWritten(t, all, 2);
    transport.receive(dataAnswer(1, [0, 7]));
    t.deepEqual(await second, dataAnswer(1, [0, 7]));
  });
}

test('reads past noise and the echo of its own question', async (t) => {
  const { time, transport, line, ask } = bench();
  transport.onWrite = () => transport.receive([...request, 0xff, ...answer]);
  t.deepEqual(await ask(request), answer);
  t.like(line.counters, { strayBytes: 1, echoes: 1 });
  await time.advance(1);
});

test('calls a lone echo a timeout', async (t) => {
  const { time, transport, ask } = bench();
  const asked = ask(request);
  await settle();
  transport.receive(request);
  await time.advance(TIMEOUT_MS);
  t.is(await asked, 'meter-timeout');
});

test('survives megabytes of noise', async (t) => {
  const { time, transport, ask } = bench();
  const asked = ask(request);
  await settle();
  for (let chunk = 0; chunk < 200; chunk++) transport.receive(new Uint8Array(8_192).fill(1));
  transport.receive(answer);
  t.deepEqual(await asked, answer);
  await time.advance(1);
});

test('reopens a line that does not fall silent, and refuses the question when that does not help', async (t) => {
  const { time, transport, ask } = bench();
  transport.onWrite = () => transport.receive(answer);
  await ask(request);
  const asked = ask(readRequest(2, 0, 2));
  let outcome: Uint8Array | string | undefined;
  void asked.then((end) => (outcome = end));
  transport.receive(hex('55'));
  for (let ms = 0; outcome === undefined && ms < 10_000; ms += 50) {
    transport.receive(hex('55'));
    await time.advance(50);
  }
  t.is(outcome, 'line-unavailable');
  t.is(transport.openings, 2);
  t.is(transport.written.length, 1);
});

test('waits for silence when bytes came that nobody asked for', async (t) => {
  const { time, transport, line, ask } = bench();
  transport.onWrite = () => transport.receive(answer);
  await ask(request);
  await time.advance(10_000);
  transport.receive(hex('01 02'));
  t.is(line.counters.strayBytes, 2);
  void ask(request);
  await time.advance(SILENCE_MS - 1);
  t.is(transport.written.length, 1);
  await time.advance(1);
  t.is(transport.written.length, 2);
});

test('refuses at once while a line cannot be opened, and tries again with growing waits', async (t) => {
  const { time, transport, ask, line } = bench();
  transport.openError = new FarolaError('permission-denied', { path: '/dev/x', remedy: 'add the user' });
  t.is(await ask(request), 'permission-denied');
  t.is(await ask(request), 'permission-denied');
  t.is(transport.openings, 1);
  await time.advance(1_000);
  t.is(await ask(request), 'permission-denied');
  await time.advance(1_000);
  t.is(await ask(request), 'permission-denied');
  t.is(transport.openings, 2);
  await time.advance(1_000);
  transport.openError = undefined;
  transport.onWrite = () => transport.receive(answer);
  t.deepEqual(await ask(request), answer);
  t.is(transport.openings, 3);
  t.like(line.counters, { failedOpens: 2, opened: 1 });
});

test('ends the question at once when the line is lost, and opens it again for the next', async (t) => {
  const all = bench();
  const { transport, ask } = all;
  const first = ask(request);
  await settle();
  transport.lose('unplugged');
  t.is(await first, 'line-unavailable');
  const second = ask(readRequest(2, 0, 2));
  await untilWritten(t, all, 2);
  transport.receive(dataAnswer(2, [1, 2]));
  t.deepEqual(await second, dataAnswer(2, [1, 2]));
  t.is(transport.openings, 2);
});

test('refuses to write, and nothing reaches the line', async (t) => {
  const { transport, ask } = bench();
  t.is(await ask(readRequest(1, 0x0834, 0xff00, 5)), 'modbus-write-refused');
  t.is(transport.openings, 0);
  t.is(transport.written.length, 0);
});

test('gives a question up when it is aborted, and fears its answer', async (t) => {
  const all = bench();
  const { time, transport, line, ask } = all;
  const abort = new AbortController();
  const asked = ask(request, abort.signal);
  await settle();
  abort.abort(new FarolaError('internal', { reason: 'stop' }));
  t.is(await asked, 'internal');
  const second = ask(readRequest(1, 0x10, 2));
  await time.advance(100);
  transport.receive(answer);
  await untilWritten(t, all, 2);
  transport.receive(dataAnswer(1, [0, 7]));
  t.deepEqual(await second, dataAnswer(1, [0, 7]));
  t.is(line.counters.lateAnswers, 1);
});

test('gives slow lines the time that the bytes take', async (t) => {
  const { time, transport, line } = lineOf(new ScriptedTransport(), { timeoutMs: 100, byteMs: 10 });
  const asked = line.exchange({ analyser: 'one', request });
  await time.advance(100 + 10 * (8 + 9) - 1);
  transport.receive(answer);
  t.deepEqual(await asked, answer);
});

test('refuses what waits when it is closed', async (t) => {
  const { time, transport, line, ask } = bench();
  const asked = [ask(request), ask(readRequest(2, 0, 2))];
  await settle();
  await line.close();
  await time.advance(TIMEOUT_MS);
  t.deepEqual(await Promise.all(asked), ['line-unavailable', 'line-unavailable']);
  t.is(await ask(request), 'line-unavailable');
  t.false(transport.isOpen);
  t.is(time.pending, 0);
});
