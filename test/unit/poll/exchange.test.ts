import test from 'ava';
import { Deadlines } from '@farola/collector/poll/deadlines.js';
import { Exchange } from '@farola/collector/poll/exchange.js';
import type { Asked } from '@farola/collector/verify/asked.js';
import { cutFrame, encodeFrame, KINDS, openSigned, POLL, sha256, WANT, type Want } from '@farola/shared';
import { bootOf, SimulatedLcu } from '#scripts/simulated-lcu.js';
import { FakeTime } from '../../fakes/fake-time.js';
import { MemoryChannel } from '../../fakes/memory-channel.js';
import { seededRandom } from '../../fakes/seeded-random.js';
import { testSession } from '../../fakes/test-collector.js';
import { sodiumVerify } from '../../fakes/sodium-verify.js';
import { testSigner } from '../../fakes/test-signer.js';

const EPOCH = new Uint8Array(8).fill(9);
const NEWEST: Want = [WANT.newest, EPOCH, 0];

function setUp() {
  const time = new FakeTime();
  const channel = new MemoryChannel();
  const session = testSession(channel, EPOCH);
  const strays: (Asked | undefined)[] = [];
  const deps = {
    collectorId: 'malaga',
    pollSigner: () => testSigner(1),
    clock: time,
    deadlines: new Deadlines(time, time, 10_000),
    random: seededRandom('exchange'),
    verify: sodiumVerify,
  };
  const exchange = new Exchange(session, deps, (_frame, asked) => strays.push(asked));
  return { time, channel, session, exchange, strays };
}

function pollOf(channel: MemoryChannel, at: number) {
  const { kind, signed } = cutFrame(channel.sent[at] as Uint8Array);
  const opened = openSigned(POLL, signed, [testSigner(1).publicKey], sodiumVerify);
  if (!opened.ok) throw new Error(opened.code);
  return { kind, signed, poll: opened.value };
}

test('sends a signed poll that carries the nonce of the connection, and gives the next frame to it', async (t) => {
  const { channel, exchange } = setUp();
  const reply = exchange.ask([], NEWEST);
  const { kind, poll, signed } = pollOf(channel, 0);
  t.is(kind, KINDS.poll.number);
  t.deepEqual(Buffer.from(poll.lcuNonce), Buffer.alloc(16, 5));
  t.is(poll.pollId, 1);
  exchange.receive(Uint8Array.of(1, 2, 3));
  const got = await reply;
  if (!got.ok) return t.fail(got.code);
  t.deepEqual(Buffer.from(got.frame), Buffer.of(1, 2, 3));
  t.deepEqual(Buffer.from(got.asked.pollHash), Buffer.from(sha256(signed)));
});

test('numbers polls and never uses a nonce twice', async (t) => {
  const { channel, exchange } = setUp();
  for (let i = 0; i < 3; i++) {
    const reply = exchange.ask([], NEWEST);
    exchange.receive(new Uint8Array(1));
    await reply;
  }
  const polls = [0, 1, 2].map((at) => pollOf(channel, at).poll);
  t.deepEqual(
    polls.map(({ pollId }) => pollId),
    [1, 2, 3],
  );
  t.is(new Set(polls.map(({ nonce }) => Buffer.from(nonce).toString('hex'))).size, 3);
});

test('fails a poll at its deadline and knows a late frame from one that nobody asked for', async (t) => {
  const { time, exchange, strays } = setUp();
  const reply = exchange.ask([], NEWEST);
  await time.advance(10_000);
  const got = await reply;
  t.is(got.ok ? 'ok' : got.code, 'answer-missing');
  exchange.receive(new Uint8Array(1));
  exchange.receive(new Uint8Array(1));
  t.deepEqual(
    strays.map((asked) => asked?.pollId),
    [1, undefined],
  );
});

test('lets the next frame use up the nonce of a second poll, whatever it answers', async (t) => {
  const { time, exchange } = setUp();
  const first = exchange.ask([], NEWEST);
  await time.advance(10_000);
  await first;
  const second = exchange.ask([], NEWEST);
  exchange.receive(Uint8Array.of(1));
  const got = await second;
  t.is(got.ok && got.asked.pollId, 2);
});

/** The LCU of the connection, which answers polls when it is told to. */
function honestLcu(time: FakeTime): SimulatedLcu {
  const deps = { random: seededRandom('lcu'), boot: bootOf('b0'), now: () => time.now() };
  return new SimulatedLcu({ lcuId: 'malaga-0042', signer: testSigner(2), ...deps });
}

test('the older of two late answers that comes while no poll waits is told as its own, and the newer one takes the next poll not down', async (t) => {
  const { time, channel, exchange, strays } = setUp();
  const lcu = honestLcu(time);
  for (const _ of [1, 2]) {
    const given = exchange.ask([], NEWEST);
    await time.advance(10_000);
    await given;
  }
  exchange.receive(lcu.receive(channel.sent[0]!)!);
  const third = exchange.ask([], NEWEST);
  exchange.receive(lcu.receive(channel.sent[1]!)!);
  const answer = lcu.receive(channel.sent[2]!)!;
  exchange.receive(answer);
  const got = await third;
  t.is(got.ok && got.frame, answer);
  t.deepEqual(
    strays.map((asked) => asked?.pollId),
    [1, 2],
  );
});

test('a frame that is no answer leaves the late answer of a poll that was given up what it is', async (t) => {
  const { time, channel, exchange, strays } = setUp();
  const lcu = honestLcu(time);
  const given = exchange.ask([], NEWEST);
  await time.advance(10_000);
  await given;
  exchange.receive(new Uint8Array(1));
  exchange.receive(lcu.receive(channel.sent[0]!)!);
  exchange.receive(lcu.receive(channel.sent[0]!)!);
  t.deepEqual(
    strays.map((asked) => asked?.pollId),
    [1, 1, undefined],
    'and once only',
  );
});

test('a connection on which answers come late for weeks stays open', async (t) => {
  const { time, channel, exchange, strays } = setUp();
  const lcu = honestLcu(time);
  for (let count = 0; count < 20; count++) {
    const given = exchange.ask([], NEWEST);
    await time.advance(10_000);
    await given;
    exchange.receive(lcu.receive(channel.sent[count]!)!);
  }
  t.is(strays.length, 20);
  t.is(channel.closedFor, undefined);
});

test('takes one poll at a time', (t) => {
  const { exchange } = setUp();
  void exchange.ask([], NEWEST);
  t.throws(() => exchange.ask([], NEWEST), { instanceOf: RangeError });
});

test('fails a poll in flight when the connection goes, and leaves no timer', async (t) => {
  const { time, exchange } = setUp();
  const reply = exchange.ask([], NEWEST);
  exchange.abandon();
  const got = await reply;
  t.is(got.ok ? 'ok' : got.code, 'lcu-not-connected');
  t.is(time.pending, 0);
});

test('closes a connection that sends frame after frame that nobody asked for', (t) => {
  const { channel, exchange, strays } = setUp();
  for (let i = 0; i < 100; i++) exchange.receive(new Uint8Array(1));
  t.is(strays.length, 8);
  t.is(channel.closedFor, 'nonce-unknown');
});

test('a late answer of a command is told as that, and takes no poll down, nor the one behind it', async (t) => {
  const { time, exchange, strays } = setUp();
  const told = exchange.tell(Uint8Array.of(1));
  await time.advance(10_000);
  t.like(await told, { ok: false, code: 'answer-missing' });
  const late = encodeFrame(KINDS.commandAnswer.number, Uint8Array.of(0x40));
  for (const answer of [Uint8Array.of(1), Uint8Array.of(2)]) {
    const reply = exchange.ask([], NEWEST);
    if (answer[0] === 1) exchange.receive(late);
    t.deepEqual(strays, [undefined]);
    exchange.receive(answer);
    const got = await reply;
    t.deepEqual(got.ok && got.frame, answer);
  }
  const next = exchange.ask([], NEWEST);
  exchange.receive(late);
  const got = await next;
  t.true(got.ok, 'of one that was given up one answer may come late: another frame uses the poll up');
});

test('the answer of a command that waits is its own, though one before it was given up', async (t) => {
  const { time, exchange, strays } = setUp();
  const first = exchange.tell(Uint8Array.of(1));
  await time.advance(10_000);
  await first;
  const second = exchange.tell(Uint8Array.of(2));
  exchange.receive(encodeFrame(KINDS.keysTaken.number, Uint8Array.of(0x40)));
  t.true((await second).ok);
  t.deepEqual(strays, []);
});
