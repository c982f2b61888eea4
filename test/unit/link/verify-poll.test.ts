import { verifyPoll } from '@farola/agent/link/verify-poll.js';
import { contentTypeOf, type ErrorCode, HELLO, POLL, type Poll, seal, encodeCbor, signMessage, WANT } from '@farola/shared';
import test from 'ava';
import fc from 'fast-check';
import { nodeVerify, testSigner } from '../../fakes/test-signer.js';
import { runs } from '../shared/runs.js';

const POLL_KEY = testSigner(1);
const NONCE = new Uint8Array(16).fill(3);
const CONTEXT = {
  collectorId: 'malaga',
  pollKeys: [POLL_KEY.publicKey],
  lcuId: 'malaga-0042',
  version: 1,
  lcuNonce: NONCE,
  lastPollId: 6,
};
const GOOD: Poll = {
  version: 1,
  lcuId: 'malaga-0042',
  collectorId: 'malaga',
  lcuNonce: NONCE,
  pollId: 7,
  nonce: new Uint8Array(16).fill(4),
  deadlineMs: 10_000,
  issuedAt: 1,
  acks: [],
  want: [WANT.newest, new Uint8Array(8), 0],
};
const sign = (change: Partial<Poll>, key = POLL_KEY): Uint8Array => signMessage(POLL, { ...GOOD, ...change }, key);

test('accepts a poll of the collector for this LCU and this connection', (t) => {
  t.deepEqual(verifyPoll(sign({}), CONTEXT, nodeVerify), { ok: true, value: GOOD });
});

test('accepts a poll whose number skips some', (t) => {
  t.like(verifyPoll(sign({ pollId: 4_000 }), CONTEXT, nodeVerify), { ok: true });
});

const refused: [string, ErrorCode, Uint8Array][] = [
  ['that the collector did not sign', 'header-unexpected', sign({}, testSigner(9))],
  ['that is signed as another kind', 'header-unexpected', seal(contentTypeOf(HELLO), encodeCbor(new Map()), POLL_KEY)],
  ['that is no COSE', 'cose-malformed', sign({}).subarray(1)],
  ['of another collector', 'collector-mismatch', sign({ collectorId: 'granada' })],
  ['for another LCU', 'poll-for-another', sign({ lcuId: 'malaga-0043' })],
  ['from an older connection', 'poll-nonce-foreign', sign({ lcuNonce: new Uint8Array(16).fill(2) })],
  ['that was answered', 'poll-repeated', sign({ pollId: 6 })],
  ['older than the last', 'poll-repeated', sign({ pollId: 1 })],
  ['of an unknown version', 'version-unknown', sign({ version: 2 })],
  [
    'with an unknown field',
    'message-invalid',
    seal(
      contentTypeOf(POLL),
      encodeCbor(
        new Map([
          [0, 1],
          [99, 1],
        ]),
      ),
      POLL_KEY,
    ),
  ],
  [
    'with 34 acks',
    'message-invalid',
    sign({ acks: Array.from({ length: 34 }, () => [new Uint8Array(8), 1, new Uint8Array(32)]) }),
  ],
];

for (const [what, code, signed] of refused) {
  test(`refuses a poll ${what}: ${code}`, (t) => {
    t.like(verifyPoll(signed, CONTEXT, nodeVerify), { ok: false, code });
  });
}

test('refuses a poll of another version than that of the connection', (t) => {
  const refused = verifyPoll(sign({}), { ...CONTEXT, version: 2 }, nodeVerify);
  t.deepEqual(refused, { ok: false, code: 'version-unknown', facts: { version: 1, known: 2 } });
});

test('refuses a poll with any one bit changed', (t) => {
  const signed = sign({});
  fc.assert(
    fc.property(fc.nat(signed.length * 8 - 1), (bit) => {
      const copy = Uint8Array.from(signed);
      copy[bit >> 3]! ^= 1 << (bit & 7);
      t.false(verifyPoll(copy, CONTEXT, nodeVerify).ok);
    }),
    runs(300),
  );
});
