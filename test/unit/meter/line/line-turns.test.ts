import test from 'ava';
import { settle } from '../../../fakes/fake-time.js';
import { dataAnswer, readRequest } from '../../../fakes/modbus-frames.js';
import { lineOf } from '../../../fakes/modbus-line.js';
import { CollectedTransport, ScriptedTransport } from '../../../fakes/modbus-transport.js';

/** Units in the order in which they were asked. */
const unitsAsked = ({ written }: ScriptedTransport) => written.map((frame) => frame[0]);

test('a person who waits goes before the samples that are queued', async (t) => {
  const { time, transport, ask } = lineOf(new ScriptedTransport(), { gapMs: 1 });
  transport.onWrite = ([unit = 0]) => transport.receive(dataAnswer(unit, [unit]));
  const asked = [ask(readRequest(1, 0, 1)), ask(readRequest(2, 0, 1)), ask(readRequest(3, 0, 1), undefined, 'person')];
  await time.advance(100);
  await Promise.all(asked);
  t.deepEqual(unitsAsked(transport), [1, 3, 2]);
});

test('an analyser that needs a pause gets it, and others are asked meanwhile', async (t) => {
  const units = new Map([[1, { minGapMs: 100, leastMs: 0 }]]);
  const { time, transport, ask } = lineOf(new ScriptedTransport(), {}, { units });
  transport.onWrite = ([unit = 0]) => transport.receive(dataAnswer(unit, [unit]));
  await ask(readRequest(1, 0, 1));
  const again = ask(readRequest(1, 2, 1));
  t.deepEqual(await ask(readRequest(2, 0, 1)), dataAnswer(2, [2]));
  await time.advance(99);
  t.deepEqual(unitsAsked(transport), [1, 2]);
  await time.advance(1);
  await again;
  t.deepEqual(unitsAsked(transport), [1, 2, 1]);
});

test('a change of unit leaves the silence that is told for it', async (t) => {
  const { time, transport, ask } = lineOf(new ScriptedTransport(), { gapMs: 5, unitGapMs: 200 });
  transport.onWrite = ([unit = 0]) => transport.receive(dataAnswer(unit, [unit]));
  await ask(readRequest(1, 0, 1));
  const same = ask(readRequest(1, 0, 1));
  await time.advance(5);
  await same;
  const other = ask(readRequest(2, 0, 1));
  await time.advance(199);
  t.is(transport.written.length, 2);
  await time.advance(1);
  await other;
});

test('an analyser that answered quickly is waited for no longer than that teaches', async (t) => {
  const { time, transport, ask } = lineOf(new ScriptedTransport(), { timeoutMs: 1_000 });
  transport.onWrite = ([unit = 0]) => transport.receive(dataAnswer(unit, [unit]));
  await ask(readRequest(1, 0, 1));
  transport.onWrite = () => undefined;
  const asked = ask(readRequest(1, 0, 1));
  await time.advance(50);
  t.is(await asked, 'meter-timeout');
});

test('a line that collects is looked at when the answer may be there, not for each byte', async (t) => {
  const { time, transport, line, ask } = lineOf(new CollectedTransport(), { byteMs: 1, gapMs: 4 });
  const registers = Array.from({ length: 60 }, (_, index) => index);
  const answer = dataAnswer(1, registers);
  /** The analyser takes 40 ms, then a byte comes each ms. */
  transport.onWrite = (frame) => {
    answer.forEach((byte, index) => time.after(frame.length + 40 + index + 1, () => transport.arrive([byte])));
  };
  for (let turn = 0; turn < 20; turn++) {
    const before = transport.collected;
    const asked = ask(readRequest(1, 0, 60));
    await time.advance(8 + 40 + answer.length + 20);
    t.deepEqual(await asked, answer);
    if (turn > 3) t.true(transport.collected - before <= 6, `${transport.collected - before} looks`);
  }
  t.is(line.counters.ok, 20);
  const took = line.units.get(1)?.counters.latency.percentile(1) ?? 0;
  t.true(took >= 40 && took < 60, String(took));
});

test('what came before a question is collected and dropped before it is asked', async (t) => {
  const { time, transport, line, ask } = lineOf(new CollectedTransport(), { gapMs: 4 });
  transport.onWrite = () => transport.arrive(dataAnswer(1, [7]));
  const first = ask(readRequest(1, 0, 1));
  await time.advance(20);
  t.deepEqual(await first, dataAnswer(1, [7]));
  transport.arrive([1, 2, 3]);
  const second = ask(readRequest(1, 0, 1));
  await time.advance(200);
  t.deepEqual(await second, dataAnswer(1, [7]));
  t.is(line.counters.strayBytes, 3);
});

test('an abort takes a question out of the queue at once', async (t) => {
  const { transport, ask } = lineOf(new ScriptedTransport());
  const first = ask(readRequest(1, 0, 1));
  const abort = new AbortController();
  const second = ask(readRequest(2, 0, 1), abort.signal);
  await settle();
  abort.abort(new TypeError('stop'));
  await t.throwsAsync(second, { instanceOf: TypeError });
  transport.receive(dataAnswer(1, [1]));
  await first;
  t.deepEqual(unitsAsked(transport), [1]);
});
