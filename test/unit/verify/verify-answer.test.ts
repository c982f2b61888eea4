import test from 'ava';
import type { Asked } from '@farola/collector/verify/asked.js';
import { verifyAnswer } from '@farola/collector/verify/verify-answer.js';
import {
  ANSWER,
  type Answer,
  BatchDecoder,
  BatchEncoder,
  type Cbor,
  contentTypeOf,
  cutFrame,
  cutSigned,
  decodeCbor,
  encodeCbor,
  encodeCodedFrame,
  encodeFrame,
  encodeMessage,
  HELLO,
  joinBytes,
  KINDS,
  kidOf,
  LABELS,
  LIMITS,
  POLL,
  type Poll,
  protectedHeader,
  seal,
  sha256,
  type Signer,
  signMessage,
  type Verify,
  WANT,
  type Want,
  toHex,
} from '@farola/shared';
import { bootOf, SimulatedLcu } from '#scripts/simulated-lcu.js';
import { malleated } from '../../fakes/odd-signatures.js';
import { seededRandom } from '../../fakes/seeded-random.js';
import { sodiumVerify } from '../../fakes/sodium-verify.js';
import { testSigner } from '../../fakes/test-signer.js';

const POLL_SIGNER = testSigner(1);
const BOOT = bootOf('b0');

interface Scene {
  readonly lcu: SimulatedLcu;
  readonly poll: Poll;
  readonly signedPoll: Uint8Array;
  readonly asked: Asked;
}

function scene(change: { signer?: Signer; want?: (lcu: SimulatedLcu) => Want; pollId?: number; entries?: number } = {}): Scene {
  const signer = change.signer ?? testSigner(2);
  const random = seededRandom('verify-answer');
  const now = () => ({ monoMs: 5_000_000, wallMs: 1_795_000_000_000, quality: 'synchronised' as const });
  const lcu = new SimulatedLcu({ lcuId: 'malaga-0042', signer, random, boot: BOOT, now });
  for (let i = 0; i < (change.entries ?? 3); i++) lcu.append({ kind: 'event', at: now(), code: 'stop', facts: [i] });
  const poll: Poll = {
    version: 1,
    lcuId: 'malaga-0042',
    collectorId: 'malaga',
    lcuNonce: lcu.lcuNonce,
    pollId: change.pollId ?? 7,
    nonce: random.bytes(16),
    deadlineMs: 10_000,
    issuedAt: 1_795_000_000_000,
    acks: [],
    want: change.want?.(lcu) ?? [WANT.newest, lcu.present.epoch, 0],
  };
  const signedPoll = signMessage(POLL, poll, POLL_SIGNER);
  const asked: Asked = {
    lcuId: poll.lcuId,
    publicKey: signer.publicKey,
    answerHeader: protectedHeader(contentTypeOf(ANSWER), kidOf(signer.publicKey)),
    boot: BOOT,
    epoch: lcu.present.epoch,
    pollId: poll.pollId,
    nonce: poll.nonce,
    pollHash: sha256(signedPoll),
    want: poll.want,
    known: [poll.nonce, BOOT, lcu.present.epoch],
    batches: new BatchDecoder(),
    sentMonoMs: 1000,
    deadlineMs: 10_000,
    lastMonoMs: 4_999_000,
  };
  return { lcu, poll, signedPoll, asked };
}

const NOTHING_REVOKED = (): undefined => undefined;

function codeOfFrame(frame: Uint8Array, asked: Asked | undefined, receivedMonoMs = 1200, verify: Verify = sodiumVerify): string {
  const judged = verifyAnswer(frame, asked, receivedMonoMs, verify, NOTHING_REVOKED);
  return judged.ok ? 'ok' : judged.code;
}

/** A frame with the parts of another, some of them changed. */
function reframe(frame: Uint8Array, change: { signed?: Uint8Array; items?: readonly Uint8Array[] }): Uint8Array {
  const { kind, signed, attachment } = cutFrame(frame);
  return encodeFrame(kind, change.signed ?? signed, change.items ?? attachment?.items ?? []);
}

test('accepts an honest answer and gives the chain at every entry', (t) => {
  const { lcu, poll, signedPoll, asked } = scene();
  const judged = verifyAnswer(lcu.answerPoll(poll, signedPoll), asked, 1200, sodiumVerify, NOTHING_REVOKED);
  if (!judged.ok) return t.fail(judged.code);
  t.is(judged.value.answer.to, 4);
  t.is(judged.value.entries.items.length, 4);
  t.deepEqual(judged.value.range.heads.map(toHex), lcu.present.heads.map(toHex));
});

/** A scene whose entries become shorter when they are coded. */
function longScene(): ReturnType<typeof scene> {
  const parts = scene();
  for (let minute = 0; minute < 5; minute++) {
    const at = { monoMs: 4_000_000 + 60_000 * minute, wallMs: 1_795_000_000_000, quality: 'none' } as const;
    const values = Array.from({ length: 40 }, (_, place) => 20_000 + place + minute);
    parts.lcu.append({ kind: 'sample', at, analyser: 0, spanMs: 400, status: 'complete', values });
  }
  return parts;
}

/** The answer with its entries coded, or with these bytes in their place. */
function codedAnswer({ lcu, poll, signedPoll }: ReturnType<typeof scene>, coded?: Uint8Array): Uint8Array {
  const { message, entries } = lcu.composeAnswer(poll, signedPoll);
  const { kind, signed } = cutFrame(lcu.answerPoll(poll, signedPoll));
  return encodeCodedFrame(kind, signed, coded ?? (new BatchEncoder().encode(entries, message, 0) as Uint8Array));
}

test('accepts coded entries and gives them as they were before', (t) => {
  const { lcu, poll, signedPoll, asked } = longScene();
  const plain = verifyAnswer(lcu.answerPoll(poll, signedPoll), asked, 1200, sodiumVerify, NOTHING_REVOKED);
  const coded = verifyAnswer(codedAnswer({ lcu, poll, signedPoll, asked }), asked, 1200, sodiumVerify, NOTHING_REVOKED);
  if (!plain.ok || !coded.ok) return t.fail('refused');
  t.deepEqual(Buffer.from(coded.value.entries.encoded), Buffer.from(plain.value.entries.encoded));
});

test('refuses coded entries that cannot be read, and looks at them after the signature only', (t) => {
  const parts = scene();
  const broken = codedAnswer(parts, Uint8Array.of(0xff, 0xff));
  t.is(codeOfFrame(broken, parts.asked), 'attachment-malformed');
  t.is(
    codeOfFrame(broken, parts.asked, 1200, () => false),
    'signature-invalid',
  );
});

test('refuses coded entries of others than were signed', (t) => {
  const parts = longScene();
  const { entries } = parts.lcu.composeAnswer(parts.poll, parts.signedPoll);
  const others = [...entries.slice(0, -1), encodeCbor([4, 1, 2, 0, 0, 3, 0, [9]])];
  const coded = new BatchEncoder().encode(others, { epoch: parts.lcu.present.epoch, from: 1 }, 0);
  t.is(codeOfFrame(codedAnswer(parts, coded), parts.asked), 'chain-broken');
});

test('refuses an answer that no poll waits for, as a replayed one', (t) => {
  const { lcu, poll, signedPoll } = scene();
  t.is(codeOfFrame(lcu.answerPoll(poll, signedPoll), undefined), 'nonce-unknown');
});

test('accepts an answer at its deadline and refuses it a millisecond later', (t) => {
  const { lcu, poll, signedPoll, asked } = scene();
  const frame = lcu.answerPoll(poll, signedPoll);
  t.is(codeOfFrame(frame, asked, 11_000), 'ok');
  t.is(codeOfFrame(frame, asked, 11_001), 'answer-late');
});

test('refuses an answer that is cut short at any byte', (t) => {
  const { lcu, poll, signedPoll, asked } = scene();
  const frame = lcu.answerPoll(poll, signedPoll);
  for (let length = 0; length < frame.length; length++) {
    t.is(codeOfFrame(frame.subarray(0, length), asked), 'frame-malformed', `${length} bytes`);
  }
});

test('refuses an answer with any one byte changed', (t) => {
  const { lcu, poll, signedPoll, asked } = scene();
  const frame = lcu.answerPoll(poll, signedPoll);
  for (let at = 0; at < frame.length; at++) {
    const changed = Uint8Array.from(frame);
    changed[at] = (changed[at] as number) ^ (1 << (at % 8));
    t.not(codeOfFrame(changed, asked), 'ok', `byte ${at}`);
  }
});

test('C21: refuses a signature malleated by adding the group order to S', (t) => {
  const { lcu, poll, signedPoll, asked } = scene();
  const frame = lcu.answerPoll(poll, signedPoll);
  const { signed: good } = cutFrame(frame);
  const signed = joinBytes(good.subarray(0, -64), malleated(good.subarray(-64)));
  t.is(codeOfFrame(reframe(frame, { signed }), asked), 'signature-invalid');
});

test('refuses the answer of another LCU on this connection', (t) => {
  const { poll, signedPoll, asked } = scene();
  const other = scene({ signer: testSigner(3) });
  t.is(codeOfFrame(other.lcu.answerPoll(poll, signedPoll), asked), 'header-unexpected');
});

test('refuses an answer that names another LCU under the right key', (t) => {
  const { lcu, poll, signedPoll, asked } = scene();
  t.is(codeOfFrame(lcu.answerPoll(poll, signedPoll, { lcuId: 'malaga-0043' }), asked), 'lcu-mismatch');
});

test('C24: refuses a signature of another message kind, whatever the bytes', (t) => {
  const { lcu, asked } = scene();
  const hello = { version: 1, collectorId: 'malaga', versions: [1], encodings: [], nonce: new Uint8Array(16), issuedAt: 0 };
  const greeting = lcu.answerHello(encodeMessage(HELLO, hello));
  const { signed } = cutFrame(greeting as Uint8Array);
  t.is(codeOfFrame(encodeFrame(KINDS.answer.number, signed, []), asked), 'header-unexpected');
});

test('C27: refuses a signed answer with a field more, and one with a field less', (t) => {
  const { lcu, poll, signedPoll, asked } = scene();
  const frame = lcu.answerPoll(poll, signedPoll);
  const cut = cutSigned(cutFrame(frame).signed);
  if (!cut.ok) return t.fail(cut.code);
  const fields = [...(decodeCbor(cut.value.payload) as ReadonlyMap<number, Cbor>)];
  const answered = (...payload: (readonly [number, Cbor])[]): string => {
    const signed = seal(contentTypeOf(ANSWER), encodeCbor(new Map(payload)), lcu.options.signer);
    return codeOfFrame(reframe(frame, { signed }), asked);
  };
  t.is(answered(...fields), 'ok');
  t.is(answered(...fields, [99, 1]), 'message-invalid');
  t.is(answered(...fields, [LABELS.reason, 'x']), 'message-invalid');
  t.is(answered(...fields.slice(0, -1)), 'message-invalid');
});

test('refuses a frame of another kind', (t) => {
  const { signedPoll, asked } = scene();
  t.is(codeOfFrame(encodeFrame(KINDS.poll.number, signedPoll), asked), 'frame-kind-unexpected');
});

test('refuses a frame above the size limit before looking into it', (t) => {
  const { asked } = scene();
  t.is(codeOfFrame(new Uint8Array(LIMITS.frameBytes + 1), asked), 'frame-too-large');
  t.is(codeOfFrame(new Uint8Array(LIMITS.frameBytes), asked), 'frame-malformed');
});

test('refuses what is not a COSE_Sign1', (t) => {
  const { asked } = scene();
  t.is(codeOfFrame(encodeFrame(KINDS.answer.number, Uint8Array.of(0x80), []), asked), 'cose-malformed');
});

test('checks no signature when a cheaper check fails', (t) => {
  const { lcu, poll, signedPoll, asked } = scene();
  const neverAsked: Verify = () => {
    throw new Error('verified');
  };
  t.is(codeOfFrame(lcu.answerPoll(poll, signedPoll), asked, 11_001, neverAsked), 'answer-late');
  t.is(codeOfFrame(lcu.answerPoll(poll, signedPoll), undefined, 1200, neverAsked), 'nonce-unknown');
});

const lies: readonly [title: string, change: (answer: Answer) => Partial<Answer>, code: string][] = [
  ['an unknown protocol version', () => ({ version: 2 }), 'version-unknown'],
  ['the nonce of another poll', () => ({ nonce: new Uint8Array(16) }), 'nonce-mismatch'],
  ['the number of another poll', (answer) => ({ pollId: answer.pollId - 1 }), 'poll-mismatch'],
  ['the hash of another poll', () => ({ pollHash: new Uint8Array(32) }), 'poll-mismatch'],
  ['another boot', () => ({ boot: bootOf('b1') }), 'boot-mismatch'],
  ['a monotonic clock that went back', () => ({ now: [4_998_999, 0, 2] as Answer['now'] }), 'clock-backwards'],
  ['one entry more than it signs', (answer) => ({ to: answer.to - 1 }), 'entries-count'],
  ['one entry less than it signs', (answer) => ({ to: answer.to + 1 }), 'entries-count'],
  ['entry number 0', (answer) => ({ from: 0, to: answer.to - 1 }), 'message-invalid'],
  ['an epoch that was not asked', () => ({ epoch: new Uint8Array(8) }), 'range-unasked'],
  ['another head before its range', () => ({ prev: new Uint8Array(32) }), 'chain-broken'],
  ['another head after its range', () => ({ head: new Uint8Array(32) }), 'chain-broken'],
];
for (const [title, change, code] of lies) {
  test(`refuses a signed answer with ${title}`, (t) => {
    const { lcu, poll, signedPoll, asked } = scene();
    const honest = lcu.composeAnswer(poll, signedPoll).message;
    t.is(codeOfFrame(lcu.answerPoll(poll, signedPoll, change(honest)), asked), code);
  });
}

test('refuses entries swapped, changed, left out or added beside a good signature', (t) => {
  const { lcu, poll, signedPoll, asked } = scene();
  const frame = lcu.answerPoll(poll, signedPoll);
  const items = [...(cutFrame(frame).attachment?.items ?? [])];
  const [first, second, ...rest] = items as [Uint8Array, Uint8Array, ...Uint8Array[]];
  t.is(codeOfFrame(reframe(frame, { items: [second, first, ...rest] }), asked), 'chain-broken');
  t.is(codeOfFrame(reframe(frame, { items: [first, Uint8Array.from([...second, 0]), ...rest] }), asked), 'chain-broken');
  t.is(codeOfFrame(reframe(frame, { items: [first, ...rest] }), asked), 'entries-count');
  t.is(codeOfFrame(reframe(frame, { items: [first, first, second, ...rest] }), asked), 'entries-count');
});

test('refuses a range that goes beyond what was asked', (t) => {
  const { lcu, poll, signedPoll, asked } = scene({ want: ({ present }) => [WANT.range, present.epoch, 1, 4] });
  const answered = (after: number, before: number): string => {
    const want: Want = [WANT.range, lcu.present.epoch, after, before];
    return codeOfFrame(lcu.answerPoll({ ...poll, want }, signedPoll), asked);
  };
  t.deepEqual([answered(1, 4), answered(0, 4), answered(1, 5)], ['ok', 'range-unasked', 'range-unasked']);
});

test('accepts an empty range when there is nothing newer', (t) => {
  const { lcu, poll, signedPoll, asked } = scene({ want: (of) => [WANT.newest, of.present.epoch, 4] });
  const judged = verifyAnswer(lcu.answerPoll(poll, signedPoll), asked, 1200, sodiumVerify, NOTHING_REVOKED);
  t.true(judged.ok && judged.value.answer.to === 4 && judged.value.range.heads.length === 1);
});

test('refuses code that is revoked, last of all checks, and takes any other', (t) => {
  const { lcu, poll, signedPoll, asked } = scene();
  const codeHash = sha256(Buffer.from('code'));
  const revoked = (): { name: string; reason: string } => ({ name: '0.1.0', reason: 'a hole' });
  const verdict = (change: object, find = revoked, now = 1200): string => {
    const judged = verifyAnswer(lcu.answerPoll(poll, signedPoll, change), asked, now, sodiumVerify, find);
    return judged.ok ? 'ok' : judged.code;
  };
  t.is(verdict({ codeHash }), 'code-revoked');
  t.is(verdict({ codeHash }, NOTHING_REVOKED as never), 'ok');
  t.is(verdict({ codeHash: null }), 'ok');
  t.is(verdict({ codeHash }, revoked, 99_000), 'answer-late');
  t.is(verdict({ codeHash, head: new Uint8Array(32) }), 'chain-broken');
});
