import {
  BatchDecoder,
  ANSWER,
  contentTypeOf,
  fromHex,
  kidOf,
  openSigned,
  POLL,
  protectedHeader,
  sha256,
  toHex,
} from '@farola/shared';
import type { Asked } from '@farola/collector/verify/asked.js';
import { type VerifiedAnswer, verifyAnswer } from '@farola/collector/verify/verify-answer.js';
import { verifyPoll } from '@farola/agent/link/verify-poll.js';
import test, { type ExecutionContext } from 'ava';
import { sodiumVerify } from '../../fakes/sodium-verify.js';
import { nodeVerify } from '../../fakes/test-signer.js';
import { loadCases } from '../shared/vectors/load.js';

type Case = ReturnType<typeof loadCases<'answers.json'>>[number];

const SENT_MS = 5_000_000;

/** The poll that waits, as the connection of the case knows it. */
function asked(t: ExecutionContext, one: Case): Asked | undefined {
  if (one.poll === null) return undefined;
  const signed = fromHex(one.poll);
  const opened = openSigned(POLL, signed, [fromHex(one.pollKey)], nodeVerify);
  if (!opened.ok) return void t.fail(`the poll is good: ${opened.code}`);
  const { lcuId, pollId, nonce, want, deadlineMs } = opened.value;
  t.is(lcuId, one.lcuId);
  const publicKey = fromHex(one.publicKey);
  return {
    lcuId,
    pollId,
    nonce,
    want,
    deadlineMs,
    publicKey,
    answerHeader: protectedHeader(contentTypeOf(ANSWER), kidOf(publicKey)),
    boot: fromHex(one.boot),
    epoch: fromHex(one.epoch),
    pollHash: sha256(signed),
    known: [],
    batches: new BatchDecoder(),
    sentMonoMs: SENT_MS,
    lastMonoMs: one.lastMonoMs,
  };
}

/** What was taken of a good answer, as the vectors have it. */
function takenOf({ range: { epoch, from, to, head }, entries }: VerifiedAnswer): object {
  return { epoch: toHex(epoch), from, to, head: toHex(head), entries: entries.items.map(toHex) };
}

for (const one of loadCases('answers.json')) {
  test(`answers.json: ${one.name}: ${one.code ?? 'taken'}`, (t) => {
    const revoked = (hash: Uint8Array) => (one.revoked.includes(toHex(hash)) ? { name: 'x', reason: 'y' } : undefined);
    const judged = verifyAnswer(fromHex(one.frame), asked(t, one), SENT_MS + one.tookMs, sodiumVerify, revoked);
    t.is(judged.ok ? null : judged.code, one.code as never);
    t.deepEqual(judged.ok ? takenOf(judged.value) : null, one.taken as never);
  });
}

test('an agent takes every poll of answers.json', (t) => {
  const polls = new Set(loadCases('answers.json').map(({ poll }) => poll));
  for (const poll of polls) {
    if (poll === null) continue;
    const [{ lcuId, pollKey }] = loadCases('answers.json') as [Case];
    const context = { lcuId, collectorId: 'costa-1', version: 1, lcuNonce: new Uint8Array(16).fill(0xa1), lastPollId: 6 };
    const judged = verifyPoll(fromHex(poll), { ...context, pollKeys: [fromHex(pollKey)] }, nodeVerify);
    t.true(judged.ok, judged.ok ? '' : judged.code);
  }
});

test('answers.json has a case of every code that an answer can come to without a store, but one too large to print', (t) => {
  const codes = new Set(loadCases('answers.json').map(({ code }) => code));
  const expected = [
    ...['frame-malformed', 'frame-kind-unexpected', 'cose-malformed', 'nonce-unknown', 'header-unexpected', 'answer-late'],
    ...['signature-invalid', 'payload-malformed', 'version-unknown', 'message-invalid', 'lcu-mismatch', 'nonce-mismatch'],
    ...['poll-mismatch', 'boot-mismatch', 'clock-backwards', 'attachment-malformed', 'entries-count', 'range-unasked'],
    ...['gap-beyond-end', 'chain-broken', 'code-revoked'],
  ];
  t.deepEqual([...codes].filter((code) => code !== null).sort(), expected.sort());
});
