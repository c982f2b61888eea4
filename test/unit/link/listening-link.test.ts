import type { Journal } from '@farola/agent/journal/journal.js';
import type { Accept } from '@farola/agent/link/channel.js';
import type { TakeOrder } from '@farola/agent/link/connection.js';
import { HelloBudget } from '@farola/agent/link/hello-budget.js';
import type { LinkState } from '@farola/agent/link/link.js';
import { PROOF_MS, runListeningLink } from '@farola/agent/link/listening-link.js';
import { RefusalLog } from '@farola/agent/log/refusal-log.js';
import { cutFrame, encodeFrame, FarolaError, type Frame, HELLO_ANSWER, KINDS, openSigned } from '@farola/shared';
import test, { type ExecutionContext } from 'ava';
import { FakeTime, settle } from '../../fakes/fake-time.js';
import { connectionDeps, helloFrame, LCU_KEY, pollFrame, RecordedLog } from '../../fakes/link-bench.js';
import { RecordedChannel } from '../../fakes/recorded-channel.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { openTestJournal } from '../../fakes/test-journal.js';
import { nodeVerify, testSigner } from '../../fakes/test-signer.js';

/** Where the collector of these tests dials from. */
const COLLECTOR = '10.8.0.1';

/** A connection of the collector, or of somebody else. */
class DialledChannel extends RecordedChannel {
  /** Greets and polls it as its collector does. */
  async poll(journal: Journal, pollId = 1): Promise<void> {
    if (pollId === 1) await this.greet();
    const opened = openSigned(HELLO_ANSWER, cutFrame(this.sent[0]!).signed, [LCU_KEY.publicKey], nodeVerify);
    if (!opened.ok) throw new Error(opened.code);
    this.receive(pollFrame(opened.value.lcuNonce, journal.epoch, { pollId }));
    await settle();
  }

  /** Sends a good hello, and waits for what is signed for it. */
  async greet(): Promise<void> {
    this.receive(helloFrame());
    await settle();
  }
}

async function started(t: ExecutionContext, refusals: readonly FarolaError[] = [], takeOrder?: TakeOrder) {
  const journal = await openTestJournal(temporaryFolder(t));
  const time = new FakeTime();
  const log = new RecordedLog();
  const states: [LinkState, string | undefined][] = [];
  const ending = new AbortController();
  const waiting = [...refusals];
  let accept: Accept | undefined;
  const running = runListeningLink(
    {
      ...connectionDeps(journal, log, time),
      ...(takeOrder && { takeOrder }),
      refusals: new RefusalLog(log),
      hellos: new HelloBudget(time),
      timers: time,
      redial: { minMs: 1_000, maxMs: 60_000 },
      random: { bytes: (length: number) => new Uint8Array(length).fill(255) },
      listen: (taking, signal) => {
        const refusal = waiting.shift();
        if (refusal) return Promise.reject(refusal);
        accept = taking;
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
      },
      onState: (state, { reason }) => void states.push([state, reason]),
    },
    ending.signal,
  );
  t.teardown(async () => {
    ending.abort();
    await running;
    journal.close();
  });
  await settle();
  const connect = (remote = COLLECTOR): DialledChannel => {
    if (!accept) throw new Error('it does not listen');
    const taking = accept;
    return new DialledChannel().open((channel) => taking(channel, remote));
  };
  return { journal, time, log, states, ending, running, connect, isListening: () => accept !== undefined };
}

test('whoever connects is told nothing, and is closed after a deadline', async (t) => {
  const link = await started(t);
  const stranger = link.connect();
  await link.time.advance(PROOF_MS - 1);
  t.is(stranger.closed, undefined);
  await link.time.advance(1);
  t.deepEqual([stranger.sent, stranger.closed?.reason], [[], 'hello-missing']);
});

test('a hello of another key is answered by closing', async (t) => {
  const link = await started(t);
  const stranger = link.connect();
  stranger.receive(helloFrame({}, testSigner(9)));
  t.deepEqual([stranger.sent, stranger.closed?.reason], [[], 'header-unexpected']);
});

test('the collector that dials in is answered, and stays connected between polls', async (t) => {
  const link = await started(t);
  const collector = link.connect();
  await collector.poll(link.journal);
  t.is(collector.sent.length, 2);
  await link.time.advance(3_600_000);
  await collector.poll(link.journal, 2);
  t.is(collector.sent.length, 3);
  t.deepEqual(link.states, [
    ['listening', undefined],
    ['connected', undefined],
    ['connected', undefined],
  ]);
});

test('a replayed hello does not push the collector out, and is given up when no poll follows', async (t) => {
  const link = await started(t);
  const collector = link.connect();
  await collector.poll(link.journal);
  const replaying = link.connect();
  await replaying.greet();
  await link.time.advance(PROOF_MS);
  t.deepEqual([collector.closed, replaying.closed?.reason], [undefined, 'hello-missing']);
});

test('a newer connection that was polled replaces the older one', async (t) => {
  const link = await started(t);
  const [older, newer] = [link.connect(), link.connect()];
  await older.poll(link.journal);
  await newer.poll(link.journal);
  t.deepEqual([older.closed?.reason, newer.closed], ['replaced', undefined]);
  t.is(link.states.at(-1)?.[0], 'connected');
});

test('when the collector goes, it is waited for again, and the reason is told', async (t) => {
  const link = await started(t);
  const collector = link.connect();
  await collector.poll(link.journal);
  collector.close(4000, 'shutting-down');
  t.deepEqual(link.states.at(-1), ['listening', 'shutting-down']);
  const again = link.connect();
  await again.poll(link.journal);
  t.is(again.sent.length, 2);
});

test('an address that is not there yet is tried again', async (t) => {
  const link = await started(t, [new FarolaError('address-unavailable', { address: 'x', reason: 'y' })]);
  t.false(link.isListening());
  t.deepEqual(link.log.codes, ['address-unavailable']);
  await link.time.advance(1_000);
  t.true(link.isListening());
});

test('connections are closed when it ends', async (t) => {
  const link = await started(t);
  const channel = link.connect();
  link.ending.abort();
  await link.running;
  t.is(channel.closed?.code, 1000);
});

test('strangers cannot fill the log: of each code the first are written, the others counted', async (t) => {
  const link = await started(t);
  for (let i = 0; i < 100; i++) link.connect().receive(helloFrame({}, testSigner(9)));
  for (let i = 0; i < 3; i++) link.connect().receive(Uint8Array.of(0));
  const replayed = link.connect();
  await replayed.greet();
  for (let i = 0; i < 11; i++) replayed.receive(helloFrame());
  const written = (code: string): number => link.log.codes.filter((one) => one === code).length;
  t.deepEqual(['header-unexpected', 'frame-malformed', 'frame-kind-unexpected'].map(written), [20, 3, 11]);
  await link.time.advance(60_000);
  t.deepEqual(
    link.log.told.filter(({ message }) => message === 'more refusals').map(({ facts }) => facts),
    [{ code: 'header-unexpected', count: 80 }],
  );
  link.connect().receive(helloFrame({}, testSigner(9)));
  t.is(written('header-unexpected'), 21);
});

test('what the collector itself does is written whole, however much strangers did', async (t) => {
  const link = await started(t);
  for (let i = 0; i < 100; i++) link.connect().receive(helloFrame({}, testSigner(9)));
  const collector = link.connect();
  await collector.poll(link.journal);
  const before = link.log.codes.length;
  for (let i = 0; i < 11; i++) collector.receive(pollFrame(new Uint8Array(16), link.journal.epoch, { pollId: 2 }));
  t.deepEqual(link.log.codes.slice(before), Array<string>(11).fill('poll-nonce-foreign'));
  t.is(collector.closed?.reason, 'poll-nonce-foreign');
});

test('how many refusals were left out is told when it ends, too', async (t) => {
  const link = await started(t);
  for (let i = 0; i < 21; i++) link.connect().receive(helloFrame({}, testSigner(9)));
  link.ending.abort();
  await link.running;
  t.true(link.log.messages.includes('more refusals'));
});

test('a hello that is replayed without end is answered ten times, and then once in five seconds', async (t) => {
  const link = await started(t);
  let signed = 0;
  for (let i = 0; i < 1_000; i++) {
    const replaying = link.connect('10.8.0.66');
    await replaying.greet();
    signed += replaying.sent.length;
    if (replaying.sent.length === 0) t.is(replaying.closed?.reason, 'hellos-too-fast');
    await link.time.advance(100);
  }
  t.is(signed, 10 + 19);
  const written = link.log.codes.filter((code) => code === 'hellos-too-fast').length;
  t.true(written <= 2 * 20, `${written} lines in less than two minutes`);
});

test('a collector is greeted each time that it dials, each five seconds and ten times at once, while one stranger replays', async (t) => {
  const link = await started(t);
  const stranger = (): void => link.connect('10.8.0.66').receive(helloFrame());
  for (let i = 0; i < 10; i++) {
    stranger();
    const collector = link.connect();
    await collector.greet();
    t.is(collector.sent.length, 1);
  }
  for (let i = 0; i < 300; i++) {
    for (let j = 0; j < 5; j++) stranger();
    await link.time.advance(5_000);
    const collector = link.connect();
    await collector.greet();
    t.is(collector.sent.length, 1, `dial ${i}`);
    collector.close(4000, 'replaced');
  }
});

test('strangers of many addresses cost one signature a second together, and hinder no collector that was there before', async (t) => {
  const link = await started(t);
  await link.connect().poll(link.journal);
  let signed = 0;
  for (let i = 0; i < 1_000; i++) {
    const stranger = link.connect(`10.8.${Math.floor(i / 200)}.${i % 200}`);
    await stranger.greet();
    signed += stranger.sent.length;
    await link.time.advance(100);
    if (i % 50 > 0) continue;
    const collector = link.connect();
    await collector.poll(link.journal);
    t.is(collector.sent.length, 2);
  }
  t.true(signed >= 100 && signed <= 20 + 100, `${signed} signatures in 100 seconds`);
});

test('orders are carried out for whoever has polled, not for whoever replayed a hello', async (t) => {
  const orders: Frame[] = [];
  const link = await started(t, [], (frame) => {
    orders.push(frame);
    return Promise.resolve({ ok: true, value: Uint8Array.of(1) });
  });
  const order = encodeFrame(KINDS.keys.number, new Uint8Array(3));
  const replaying = link.connect('10.8.0.66');
  await replaying.greet();
  for (let i = 0; i < 10; i++) replaying.receive(order);
  t.deepEqual([orders.length, replaying.sent.length, replaying.closed], [0, 1, undefined]);
  replaying.receive(order);
  t.is(replaying.closed?.reason, 'frame-kind-unexpected');
  const collector = link.connect();
  await collector.poll(link.journal);
  collector.receive(order);
  await settle();
  t.deepEqual([orders.length, collector.sent.length], [1, 3]);
});
