import { handKeys, type HandKeysDeps, judgeAgainst, judgeKeysTaken, keysFrame } from '@farola/collector/link/hand-keys.js';
import { KeysInForce } from '@farola/collector/link/keys-in-force.js';
import { type ErrorCode, encodeFrame, KEYS_TAKEN, type KeysTaken, KINDS, refuse, signMessage, toHex } from '@farola/shared';
import test from 'ava';
import { FakeTime } from '../../fakes/fake-time.js';
import { MemoryChannel } from '../../fakes/memory-channel.js';
import { testIdentity, testLcu } from '../../fakes/test-collector.js';
import { sodiumVerify } from '../../fakes/sodium-verify.js';
import { testSigner } from '../../fakes/test-signer.js';

const LCU_KEY = testSigner(2);
const keys = new KeysInForce(testIdentity());
const lcu = testLcu('active');

function deps(): HandKeysDeps & { timers: FakeTime } {
  return {
    keys,
    fleet: { findByKid: (kid) => (toHex(kid) === toHex(LCU_KEY.kid) ? lcu : undefined) },
    verify: sodiumVerify,
    timers: new FakeTime(),
  };
}

function taken(change: Partial<KeysTaken> = {}, signer = LCU_KEY, kind: number = KINDS.keysTaken.number): Uint8Array {
  const message = { version: 1, lcuId: 'malaga-0042', collectorId: 'malaga', sequence: 1, keysHash: keys.hash, ...change };
  return encodeFrame(kind, signMessage(KEYS_TAKEN, message, signer));
}

test('takes what an LCU of the fleet signed', (t) => {
  t.deepEqual(judgeKeysTaken(taken(), deps()), { ok: true, value: { lcu, sequence: 1, keysHash: keys.hash } });
});

const altered = taken();
altered[altered.length - 1]! ^= 1;
const refused: [string, ErrorCode, Uint8Array][] = [
  ['of an unknown key', 'key-unknown', taken({}, testSigner(9))],
  ['that names another LCU', 'lcu-mismatch', taken({ lcuId: 'malaga-0043' })],
  ['for another collector', 'collector-mismatch', taken({ collectorId: 'granada' })],
  ['that was altered', 'signature-invalid', altered],
  ['of another kind', 'frame-kind-unexpected', taken({}, LCU_KEY, KINDS.answer.number)],
  ['that is noise', 'frame-malformed', new Uint8Array(9)],
  [
    'with something beside it',
    'frame-kind-unexpected',
    encodeFrame(KINDS.keysTaken.number, new Uint8Array(3), [new Uint8Array(1)]),
  ],
];
for (const [what, code, frame] of refused) {
  test(`refuses a confirmation ${what}: ${code}`, (t) => {
    t.like(judgeKeysTaken(frame, deps()), { ok: false, code });
  });
}

test('tells an LCU that lags from one that is ahead of us', (t) => {
  const other = new Uint8Array(32);
  t.is(judgeAgainst({ lcu, sequence: 1, keysHash: keys.hash }, keys), undefined);
  const facts = (theirs: number): object => ({ lcu: 'malaga-0042', theirs, ours: 1 });
  t.deepEqual(judgeAgainst({ lcu, sequence: 0, keysHash: other }, keys), refuse('keys-not-taken', facts(0) as never));
  for (const theirs of [1, 7]) {
    t.deepEqual(judgeAgainst({ lcu, sequence: theirs, keysHash: other }, keys), refuse('keys-behind', facts(theirs) as never));
  }
});

test('hands the statement over first, takes one answer, and closes', async (t) => {
  const channel = new MemoryChannel();
  const said: number[] = [];
  const codes: string[] = [];
  const closed = handKeys(
    channel,
    deps(),
    ({ sequence }) => said.push(sequence),
    ({ code }) => codes.push(code),
  );
  t.deepEqual(channel.sent, [keysFrame(keys.newest)]);
  channel.deliver(taken());
  channel.deliver(taken());
  await closed;
  t.deepEqual([channel.closedFor, said, codes], ['done', [1], []]);
});

test('does not wait for ever, and closes with the code of what is not good', async (t) => {
  const silent = new MemoryChannel();
  const waiting = deps();
  const closed = handKeys(
    silent,
    waiting,
    () => t.fail(),
    () => undefined,
  );
  await waiting.timers.advance(10_000);
  await closed;
  t.is(silent.closedFor, 'answer-missing');
  const bad = new MemoryChannel();
  const codes: string[] = [];
  const over = handKeys(
    bad,
    deps(),
    () => t.fail(),
    ({ code }) => codes.push(code),
  );
  bad.deliver(new Uint8Array(5));
  await over;
  t.deepEqual([bad.closedFor, codes], ['frame-malformed', ['frame-malformed']]);
});
