import test from 'ava';
import type { Lcu } from '@farola/collector/fleet/fleet.js';
import { acceptLcu } from '@farola/collector/link/accept-lcu.js';
import type { Greeted } from '@farola/collector/link/hello-exchange.js';
import {
  cutFrame,
  encodeFrame,
  HELLO,
  HELLO_ANSWER,
  type HelloAnswer,
  KINDS,
  openSigned,
  sameBytes,
  type Signer,
  signMessage,
} from '@farola/shared';
import { bootOf, SimulatedLcu } from '#scripts/simulated-lcu.js';
import { FakeTime } from '../../fakes/fake-time.js';
import { MemoryChannel } from '../../fakes/memory-channel.js';
import { seededRandom } from '../../fakes/seeded-random.js';
import { testIdentity, testLcu } from '../../fakes/test-collector.js';
import { sodiumVerify } from '../../fakes/sodium-verify.js';
import { testSigner } from '../../fakes/test-signer.js';

/** @param dialled what the collector dials; then this connection is the one that it opened, when `expected` names it */
function setUp(lcu: Lcu = testLcu('active'), dialled: readonly string[] = [], expected?: string) {
  const time = new FakeTime();
  const channel = new MemoryChannel();
  const identity = testIdentity();
  const fleet = { findByKid: (kid: Uint8Array) => (lcu.key && sameBytes(kid, lcu.key.kid) ? lcu : undefined) };
  const deps = {
    identity,
    fleet,
    verify: sodiumVerify,
    clock: time,
    timers: time,
    random: seededRandom('accept'),
    isDialled: (lcuId: string) => dialled.includes(lcuId),
  };
  const greeted: Greeted[] = [];
  const refused: string[] = [];
  const later: Uint8Array[] = [];
  acceptLcu(
    channel,
    deps,
    (who) => {
      greeted.push(who);
      return (frame) => later.push(frame);
    },
    ({ code }) => refused.push(code),
    expected,
  );
  return { time, channel, greeted, refused, later, identity };
}

function simulated(lcuId = 'malaga-0042', signer: Signer = testSigner(2)): SimulatedLcu {
  const now = () => ({ monoMs: 1, wallMs: 2, quality: 'none' as const });
  return new SimulatedLcu({ lcuId, signer, random: seededRandom(lcuId), boot: bootOf('b0'), now });
}

test('a connection that only dialled, or that was refused, has proven nothing', (t) => {
  const { channel } = setUp();
  t.false(channel.isProven);
  channel.deliver(simulated('malaga-0042', testSigner(9)).receive(channel.sent[0] as Uint8Array) as Uint8Array);
  t.is(channel.closedFor, 'key-unknown');
  t.false(channel.isProven);
});

test('greets with a hello signed by the poll key and hands the connection over to a known LCU', (t) => {
  const { channel, greeted, later, identity } = setUp();
  const { kind, signed } = cutFrame(channel.sent[0] as Uint8Array);
  t.is(kind, KINDS.hello.number);
  const hello = openSigned(HELLO, signed, [identity.pollSigner.publicKey], sodiumVerify);
  t.true(hello.ok && hello.value.collectorId === 'malaga' && hello.value.versions.includes(1));
  channel.deliver(simulated().receive(channel.sent[0] as Uint8Array) as Uint8Array);
  t.is(greeted[0]?.lcu.lcuId, 'malaga-0042');
  t.true(channel.isProven);
  channel.deliver(Uint8Array.of(1));
  t.deepEqual(later, [Uint8Array.of(1)]);
});

test('B20: what comes by the listener in the name of an LCU that is dialled is refused, though it is signed by it', (t) => {
  const { channel, greeted, refused } = setUp(testLcu('active'), ['malaga-0041', 'malaga-0042']);
  const relayed = simulated().receive(channel.sent[0] as Uint8Array) as Uint8Array;
  channel.deliver(relayed);
  t.is(channel.closedFor, 'lcu-dialled');
  t.false(channel.isProven);
  t.deepEqual([greeted.length, refused], [0, ['lcu-dialled']]);
});

test('an LCU that is dialled is taken on the connection that was dialled, and one that is not on the listener', (t) => {
  for (const { channel, greeted } of [
    setUp(testLcu('active'), ['malaga-0042'], 'malaga-0042'),
    setUp(testLcu('active'), ['malaga-0041']),
  ]) {
    channel.deliver(simulated().receive(channel.sent[0] as Uint8Array) as Uint8Array);
    t.is(greeted.length, 1);
  }
});

for (const [state, code] of [
  ['pending', 'lcu-pending'],
  ['revoked', 'lcu-revoked'],
  ['retired', 'lcu-retired'],
] as const) {
  test(`closes the connection of an LCU that is ${state}`, (t) => {
    const { channel, greeted, refused } = setUp(testLcu(state));
    channel.deliver(simulated().receive(channel.sent[0] as Uint8Array) as Uint8Array);
    t.is(greeted.length, 0);
    t.deepEqual(refused, [code]);
    t.is(channel.closedFor, code);
  });
}

test('of an LCU that is retired, and that the collector dials, that it is retired is told', (t) => {
  const { channel, refused } = setUp(testLcu('retired'), ['malaga-0042']);
  channel.deliver(simulated().receive(channel.sent[0] as Uint8Array) as Uint8Array);
  t.deepEqual(refused, ['lcu-retired']);
});

test('refuses a hello-answer whose field says another key id than its header, though it is signed', (t) => {
  const { channel, greeted, refused } = setUp();
  channel.deliver(withNonce(cutNonce(channel), { kid: testSigner(3).kid }));
  t.deepEqual([greeted.length, refused], [0, ['message-invalid']]);
});

test('knows nobody by an unknown key', (t) => {
  const { channel, refused } = setUp();
  channel.deliver(simulated('malaga-0042', testSigner(3)).receive(channel.sent[0] as Uint8Array) as Uint8Array);
  t.deepEqual(refused, ['key-unknown']);
});

test('refuses a known key under another name', (t) => {
  const { channel, refused } = setUp();
  channel.deliver(simulated('malaga-0043').receive(channel.sent[0] as Uint8Array) as Uint8Array);
  t.deepEqual(refused, ['lcu-mismatch']);
});

test('refuses the hello-answer of an earlier connection', (t) => {
  const { channel, greeted, refused } = setUp();
  channel.deliver(withNonce(new Uint8Array(16).fill(99)));
  t.deepEqual(refused, ['nonce-mismatch']);
  t.is(greeted.length, 0);
});

function withNonce(nonce: Uint8Array, change: Partial<HelloAnswer> = {}): Uint8Array {
  const signer = testSigner(2);
  const message = {
    version: 1,
    lcuId: 'malaga-0042',
    kid: signer.kid,
    nonce,
    lcuNonce: new Uint8Array(16),
    boot: bootOf('b0'),
    epoch: new Uint8Array(8),
    ...change,
  };
  return encodeFrame(KINDS.helloAnswer.number, signMessage(HELLO_ANSWER, message, signer));
}

/** The nonce of the hello that was sent on a channel. */
function cutNonce({ sent }: MemoryChannel): Uint8Array {
  const hello = openSigned(HELLO, cutFrame(sent[0] as Uint8Array).signed, [testIdentity().pollSigner.publicKey], sodiumVerify);
  if (!hello.ok) throw new Error(hello.code);
  return hello.value.nonce;
}

test('refuses a hello-answer of an unknown protocol version', (t) => {
  const { channel, refused } = setUp();
  channel.deliver(withNonce(new Uint8Array(16), { version: 9 }));
  t.deepEqual(refused, ['version-unknown']);
});

test('refuses a forged signature, garbage and another kind of message, each by its code', (t) => {
  const forged = withNonce(new Uint8Array(16));
  forged[forged.length - 1] = (forged.at(-1) as number) ^ 1;
  const cases: [Uint8Array, string][] = [
    [forged, 'signature-invalid'],
    [Uint8Array.of(0xff, 0), 'frame-malformed'],
    [encodeFrame(KINDS.answer.number, new Uint8Array(0), []), 'frame-kind-unexpected'],
    [encodeFrame(KINDS.helloAnswer.number, new Uint8Array(3)), 'cose-malformed'],
  ];
  for (const [frame, code] of cases) {
    const { channel, refused } = setUp();
    channel.deliver(frame);
    t.deepEqual(refused, [code]);
    t.is(channel.closedFor, code);
  }
});

test('closes a connection that says nothing for ten seconds', async (t) => {
  const { time, channel } = setUp();
  await time.advance(9_999);
  t.is(channel.closedFor, undefined);
  await time.advance(1);
  t.is(channel.closedFor, 'answer-missing');
});
