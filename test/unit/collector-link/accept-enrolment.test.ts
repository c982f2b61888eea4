import test from 'ava';
import { acceptEnrolment, type EnrolOutcome } from '@farola/collector/link/accept-enrolment.js';
import {
  cutFrame,
  encodeFrame,
  ENROL_ANSWER,
  ENROL_CHALLENGE,
  ENROL_REQUEST,
  type EnrolRequest,
  type ErrorCode,
  FarolaError,
  fromHex,
  KINDS,
  openSigned,
  sha256,
  type Signer,
  signMessage,
} from '@farola/shared';
import { FakeTime } from '../../fakes/fake-time.js';
import { MemoryChannel } from '../../fakes/memory-channel.js';
import { MemoryFleet } from '../../fakes/memory-fleet.js';
import { seededRandom } from '../../fakes/seeded-random.js';
import { testIdentity } from '../../fakes/test-collector.js';
import { sodiumVerify } from '../../fakes/sodium-verify.js';
import { testSigner } from '../../fakes/test-signer.js';
import { loadCases } from '../shared/vectors/load.js';

const SECRET = new Uint8Array(16).fill(3);
const LCU_KEY = testSigner(2);

/** An enrolment that was just opened; the fleet has invited its LCU. */
function setUp(secret = SECRET, fleet = new MemoryFleet()) {
  const time = new FakeTime();
  const channel = new MemoryChannel();
  const identity = testIdentity();
  const { wallMs } = time.now();
  if (!fleet.find('malaga-0042'))
    fleet.invite('malaga-0042', 'alameda-7', { tokenHash: sha256(secret), expiresAtMs: wallMs + 1000 }, wallMs);
  const outcomes: EnrolOutcome[] = [];
  const deps = { identity, fleet, verify: sodiumVerify, clock: time, timers: time, random: seededRandom('enrol') };
  acceptEnrolment(channel, deps, (outcome) => outcomes.push(outcome));
  const { signed } = cutFrame(channel.sent[0] as Uint8Array);
  const challenge = openSigned(ENROL_CHALLENGE, signed, [identity.pollSigner.publicKey], sodiumVerify);
  if (!challenge.ok) throw new Error(challenge.code);
  return { time, channel, fleet, outcomes, identity, nonce: challenge.value.nonce };
}

function request(nonce: Uint8Array, change: Partial<EnrolRequest> = {}, signer: Signer = LCU_KEY, secret = SECRET): Uint8Array {
  const { publicKey } = signer;
  const honest = { version: 1, lcuId: 'malaga-0042', collectorId: 'malaga', nonce, publicKey, tokenHash: sha256(secret) };
  const message = { ...honest, agentVersion: '0.1.0', assurance: 0, evidence: [], ...change };
  return encodeFrame(KINDS.enrolRequest.number, signMessage(ENROL_REQUEST, message, signer), [secret]);
}

test('takes a key that proves itself under a good token, answers, and closes', (t) => {
  const { channel, fleet, outcomes, identity, nonce } = setUp();
  channel.deliver(request(nonce));
  t.deepEqual(outcomes, [{ lcuId: 'malaga-0042', outcome: 'pending' }]);
  t.is(fleet.find('malaga-0042')?.state, 'pending');
  t.is(fleet.words('malaga-0042')?.length, 6);
  const answer = openSigned(
    ENROL_ANSWER,
    cutFrame(channel.sent[1] as Uint8Array).signed,
    [identity.pollSigner.publicKey],
    sodiumVerify,
  );
  t.true(answer.ok && answer.value.outcome === 'pending');
  t.is(channel.closedFor, 'done');
});

/** Public keys under which signatures prove nothing: all points of small order, and what is no point in its one form. */
const BAD_KEYS = loadCases('keys.json').filter(({ publicKey, code }) => code !== null && publicKey.length === 64);

for (const { name, publicKey, code } of BAD_KEYS) {
  test(`C22: refuses the public key "${name}", whatever is signed`, (t) => {
    const { channel, fleet, nonce } = setUp();
    channel.deliver(request(nonce, { publicKey: fromHex(publicKey) }));
    t.is(channel.closedFor, code ?? undefined);
    t.is(fleet.find('malaga-0042')?.state, 'invited');
  });
}

test('C22: keys.json has all eight points of small order, where x is 0 with both signs', (t) => {
  const small = BAD_KEYS.filter(({ code }) => code === 'key-small-order').map(({ publicKey }) => publicKey);
  t.is(new Set(small).size, 8 + 2);
});

const REFUSED: readonly [string, (nonce: Uint8Array) => Uint8Array, ErrorCode][] = [
  [
    'signed by another key than it presents',
    (nonce) => request(nonce, { publicKey: testSigner(3).publicKey }),
    'header-unexpected',
  ],
  ['for the nonce of another connection', () => request(new Uint8Array(16)), 'nonce-mismatch'],
  ['for another collector', (nonce) => request(nonce, { collectorId: 'granada' }), 'collector-mismatch'],
  [
    'with a token hash that is not that of its secret',
    (nonce) => request(nonce, { tokenHash: new Uint8Array(32) }),
    'token-unknown',
  ],
  ['of another protocol version', (nonce) => request(nonce, { version: 9 }), 'version-unknown'],
  [
    'with more than its secret beside it',
    (nonce) => {
      const { kind, signed } = cutFrame(request(nonce));
      return encodeFrame(kind, signed, [SECRET, SECRET]);
    },
    'frame-kind-unexpected',
  ],
  ['that is garbage', () => Uint8Array.of(0xff), 'frame-malformed'],
  ['that is a hello', () => encodeFrame(KINDS.hello.number, new Uint8Array(1)), 'frame-kind-unexpected'],
];
for (const [title, make, code] of REFUSED) {
  test(`closes on a request ${title}`, (t) => {
    const { channel, fleet, outcomes, nonce } = setUp();
    channel.deliver(make(nonce));
    t.is(channel.closedFor, code);
    t.is(outcomes[0]?.outcome, code);
    t.is(fleet.find('malaga-0042')?.state, 'invited');
  });
}

test('answers a token of another LCU with token-foreign, signed', (t) => {
  const { channel, identity, nonce } = setUp();
  channel.deliver(request(nonce, { lcuId: 'malaga-0043' }));
  const answer = openSigned(
    ENROL_ANSWER,
    cutFrame(channel.sent[1] as Uint8Array).signed,
    [identity.pollSigner.publicKey],
    sodiumVerify,
  );
  t.is(answer.ok && answer.value.outcome, 'token-foreign');
});

test('B13: another key under a name whose token was used is refused, is told as that, and leaves the first', (t) => {
  const first = setUp();
  first.channel.deliver(request(first.nonce));
  const { channel, fleet, outcomes, identity, nonce } = setUp(SECRET, first.fleet);
  channel.deliver(request(nonce, {}, testSigner(3)));
  t.deepEqual(outcomes, [{ lcuId: 'malaga-0042', outcome: 'token-used' }], 'what the log is told');
  const { signed } = cutFrame(channel.sent[1] as Uint8Array);
  const answer = openSigned(ENROL_ANSWER, signed, [identity.pollSigner.publicKey], sodiumVerify);
  t.is(answer.ok && answer.value.outcome, 'token-used');
  t.deepEqual(fleet.find('malaga-0042')?.key?.publicKey, LCU_KEY.publicKey);
});

test('takes one request of a connection, and closes one that says nothing', async (t) => {
  const taken = setUp();
  taken.channel.deliver(request(taken.nonce));
  taken.channel.deliver(request(taken.nonce));
  t.is(taken.outcomes.length, 1);
  const silent = setUp();
  await silent.time.advance(30_000);
  t.is(silent.channel.closedFor, 'answer-missing');
});

test('closes when the store fails, and says so', (t) => {
  const { channel, fleet, outcomes, nonce } = setUp();
  fleet.enrol = () => {
    throw new FarolaError('disk-failure', { path: 'state.db', reason: 'full' });
  };
  channel.deliver(request(nonce));
  t.is(outcomes[0]?.outcome, 'disk-failure');
  t.is(channel.closedFor, 'done');
});
