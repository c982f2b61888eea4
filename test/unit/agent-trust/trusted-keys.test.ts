import { verifyPoll } from '@farola/agent/link/verify-poll.js';
import { takeKeys } from '@farola/agent/link/take-keys.js';
import type { Enrolment } from '@farola/agent/trust/identity.js';
import { TrustedKeys } from '@farola/agent/trust/trusted-keys.js';
import { cutFrame, FarolaError, type Keys, KEYS, KEYS_TAKEN, openSigned, signMessage, toHex } from '@farola/shared';
import test from 'ava';
import { pollFrame } from '../../fakes/link-bench.js';
import { asyncSigner, nodeVerify, testSigner } from '../../fakes/test-signer.js';

const ROOT = testSigner(1);
const LCU = testSigner(3);
const FIRST: Keys = {
  version: 1,
  collectorId: 'malaga',
  sequence: 3,
  rootKey: ROOT.publicKey,
  pollKeys: [testSigner(2).publicKey],
  commandKeys: [testSigner(2).publicKey],
  pins: [new Uint8Array(32)],
  issuedAt: 1,
};
const NEXT_POLL_KEY = testSigner(5).publicKey;
const stated = (change: Partial<Keys>, signer = ROOT): Uint8Array => signMessage(KEYS, { ...FIRST, ...change }, signer);

function trusted() {
  const saved: Enrolment[] = [];
  const enrolment: Enrolment = {
    lcuId: 'malaga-0042',
    collectorId: 'malaga',
    address: 'wss://collector.example:8443',
    rootKey: ROOT.publicKey,
    keys: stated({}),
    publicKey: LCU.publicKey,
    tokenHash: new Uint8Array(32),
    words: [],
  };
  const disk = { full: false };
  const keys = new TrustedKeys(enrolment, FIRST, {
    verify: nodeVerify,
    enrolments: {
      save: (enrolled) => {
        if (disk.full) return Promise.reject(new FarolaError('disk-failure', { path: 'enrolment.json', reason: 'full' }));
        saved.push(enrolled);
        return Promise.resolve();
      },
    },
  });
  return { keys, saved, disk };
}

test('a higher statement of the root key comes into force when it is durable', async (t) => {
  const { keys, saved } = trusted();
  const next = stated({ sequence: 5, pollKeys: [NEXT_POLL_KEY] });
  t.true((await keys.take(next)).ok);
  t.deepEqual(keys.keys.pollKeys, [NEXT_POLL_KEY]);
  t.deepEqual(
    saved.map((enrolment) => toHex(enrolment.keys)),
    [toHex(next)],
  );
  t.is(saved[0]?.lcuId, 'malaga-0042');
});

test('the statement in force is good again and is not written again', async (t) => {
  const { keys, saved } = trusted();
  t.true((await keys.take(stated({}))).ok);
  t.deepEqual(saved, []);
});

for (const [what, code, signed] of [
  ['that is older', 'keys-older', stated({ sequence: 2 })],
  ['of the same number that says something else', 'keys-older', stated({ pollKeys: [NEXT_POLL_KEY] })],
  ['of another root key', 'keys-untrusted', stated({ sequence: 9 }, testSigner(9))],
  ['of another collector', 'collector-mismatch', stated({ sequence: 9, collectorId: 'granada' })],
  ['that is noise', 'keys-untrusted', new Uint8Array(40)],
] as const) {
  test(`B18: a statement ${what} changes nothing`, async (t) => {
    const { keys, saved } = trusted();
    const before = toHex(keys.hash);
    t.like(await keys.take(signed), { ok: false, code });
    t.is(toHex(keys.hash), before);
    t.deepEqual(saved, []);
  });
}

test('B18: a poll under a key that the statement in force names no more is refused', async (t) => {
  const { keys } = trusted();
  const lcuNonce = new Uint8Array(16).fill(7);
  const signed = cutFrame(pollFrame(lcuNonce, new Uint8Array(8), {}, testSigner(2))).signed;
  const verdict = (): string => {
    const context = { collectorId: 'malaga', lcuId: 'malaga-0042', version: 1, lcuNonce, lastPollId: 0 };
    const judged = verifyPoll(signed, { ...context, pollKeys: keys.keys.pollKeys }, nodeVerify);
    return judged.ok ? 'ok' : judged.code;
  };
  t.is(verdict(), 'ok');
  await keys.take(stated({ sequence: 4, pollKeys: [NEXT_POLL_KEY, testSigner(2).publicKey] }));
  t.is(verdict(), 'ok', 'in the overlap');
  await keys.take(stated({ sequence: 5, pollKeys: [NEXT_POLL_KEY] }));
  t.is(verdict(), 'header-unexpected');
});

test('a statement that cannot be kept does not come into force', async (t) => {
  const { keys, disk } = trusted();
  disk.full = true;
  await t.throwsAsync(keys.take(stated({ sequence: 4 })), { code: 'disk-failure' });
  t.is(keys.keys.sequence, 3);
  disk.full = false;
  t.true((await keys.take(stated({ sequence: 4 }))).ok);
});

test('two statements at once come into force in their order', async (t) => {
  const { keys, saved } = trusted();
  const [first, second] = await Promise.all([keys.take(stated({ sequence: 7 })), keys.take(stated({ sequence: 6 }))]);
  t.true(first.ok);
  t.like(second, { code: 'keys-older' });
  t.is(saved.length, 1);
});

test('the LCU says, signed, which statement it goes by, also where that is newer than the one that came', async (t) => {
  const { keys } = trusted();
  for (const [sequence, goesBy] of [
    [4, 4],
    [2, 4],
  ] as const) {
    const answer = await takeKeys(stated({ sequence }), { lcuId: 'malaga-0042', signer: asyncSigner(LCU), trusted: keys });
    if (!answer.ok) return t.fail(answer.code);
    const opened = openSigned(KEYS_TAKEN, cutFrame(answer.value).signed, [LCU.publicKey], nodeVerify);
    t.like(opened, { ok: true, value: { lcuId: 'malaga-0042', sequence: goesBy, keysHash: keys.hash } });
  }
  t.like(await takeKeys(new Uint8Array(9), { lcuId: 'malaga-0042', signer: asyncSigner(LCU), trusted: keys }), {
    code: 'keys-untrusted',
  });
});
