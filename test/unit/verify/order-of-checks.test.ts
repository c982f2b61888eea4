import { readFileSync } from 'node:fs';
import test from 'ava';
import type { Asked } from '@farola/collector/verify/asked.js';
import { verifyAnswer } from '@farola/collector/verify/verify-answer.js';
import {
  ANSWER,
  type Answer,
  BatchDecoder,
  type Cbor,
  contentTypeOf,
  cutSigned,
  decodeCbor,
  encodeCbor,
  encodeCodedFrame,
  encodeFrame,
  HELLO_ANSWER,
  KINDS,
  kidOf,
  LIMITS,
  POLL,
  type Poll,
  protectedHeader,
  seal,
  sha256,
  signMessage,
  WANT,
} from '@farola/shared';
import { groupsOf } from '#scripts/docs/errors-doc.js';
import { bootOf, SimulatedLcu } from '#scripts/simulated-lcu.js';
import { checksInProtocol } from '../../fakes/checks-in-protocol.js';
import { seededRandom } from '../../fakes/seeded-random.js';
import { nodeVerify, testSigner } from '../../fakes/test-signer.js';

const SIGNER = testSigner(2);
const BOOT = bootOf('b0');
const CODE = sha256(Buffer.from('code'));

/** What is wrong with an answer, at each place where something can be. */
interface Fault {
  readonly fields?: (honest: Answer) => Partial<Answer>;
  /** A field that no message has. */
  readonly unknownField?: boolean;
  /** Put behind the payload. */
  readonly behindPayload?: Uint8Array;
  readonly contentType?: string;
  readonly badSignature?: boolean;
  /** In the place of the COSE_Sign1. */
  readonly signed?: Uint8Array;
  readonly coded?: Uint8Array;
  readonly kind?: number;
  readonly cutShort?: boolean;
  readonly tooLarge?: boolean;
  readonly receivedMonoMs?: number;
  readonly unasked?: boolean;
}

const ZERO = new Uint8Array(32);

/** One fault for each check that needs no store, in the order of the checks. */
const FAULTS: Readonly<Record<string, Fault>> = {
  'frame-too-large': { tooLarge: true },
  'frame-malformed': { cutShort: true },
  'frame-kind-unexpected': { kind: KINDS.poll.number },
  'cose-malformed': { signed: Uint8Array.of(0x80) },
  'nonce-unknown': { unasked: true },
  'header-unexpected': { contentType: contentTypeOf(HELLO_ANSWER) },
  'answer-late': { receivedMonoMs: 11_001 },
  'signature-invalid': { badSignature: true },
  'payload-malformed': { behindPayload: Uint8Array.of(0) },
  'version-unknown': { fields: () => ({ version: 2 }) },
  'message-invalid': { unknownField: true },
  'lcu-mismatch': { fields: () => ({ lcuId: 'malaga-0043' }) },
  'nonce-mismatch': { fields: () => ({ nonce: new Uint8Array(16) }) },
  'poll-mismatch': { fields: ({ pollId }) => ({ pollId: pollId + 1 }) },
  'boot-mismatch': { fields: () => ({ boot: bootOf('b1') }) },
  'clock-backwards': { fields: () => ({ now: [4_998_999, 0, 2] }) },
  'attachment-malformed': { coded: Uint8Array.of(0xff, 0xff) },
  'entries-count': { fields: ({ to }) => ({ to: to + 1 }) },
  'range-unasked': { fields: () => ({ epoch: new Uint8Array(8) }) },
  'gap-beyond-end': { fields: () => ({ gaps: [[new Uint8Array(8).fill(9), 1, 2, ZERO, ZERO, 1]] }) },
  'chain-broken': { fields: () => ({ head: ZERO }) },
  'code-revoked': { fields: () => ({ codeHash: CODE }) },
};

/** What the collector judges of an answer with all of these faults. */
function verdictOn(...faults: readonly Fault[]): string {
  const random = seededRandom('order-of-checks');
  const now = () => ({ monoMs: 5_000_000, wallMs: 1_795_000_000_000, quality: 'synchronised' as const });
  const lcu = new SimulatedLcu({ lcuId: 'malaga-0042', signer: SIGNER, random, boot: BOOT, now });
  for (let i = 0; i < 3; i++) lcu.append({ kind: 'event', at: now(), code: 'stop', facts: [i] });
  const { epoch } = lcu.present;
  const poll: Poll = {
    ...{ version: 1, lcuId: 'malaga-0042', collectorId: 'malaga', lcuNonce: lcu.lcuNonce, pollId: 7, nonce: random.bytes(16) },
    ...{ deadlineMs: 10_000, issuedAt: 1_795_000_000_000, acks: [], want: [WANT.newest, epoch, 0] },
  };
  const signedPoll = signMessage(POLL, poll, testSigner(1));
  const asked: Asked = {
    ...{ lcuId: poll.lcuId, boot: BOOT, epoch, pollId: 7, nonce: poll.nonce, want: poll.want, deadlineMs: 10_000 },
    ...{ publicKey: SIGNER.publicKey, answerHeader: protectedHeader(contentTypeOf(ANSWER), kidOf(SIGNER.publicKey)) },
    ...{ pollHash: sha256(signedPoll), known: [], batches: new BatchDecoder(), sentMonoMs: 1000, lastMonoMs: 4_999_000 },
  };
  const fault = Object.assign({}, ...faults) as Fault;
  const frame = frameOf(lcu, poll, signedPoll, fault, faults);
  const revoked = () => ({ name: '0.1.0', reason: 'a hole' });
  const judged = verifyAnswer(frame, fault.unasked ? undefined : asked, fault.receivedMonoMs ?? 1200, nodeVerify, revoked);
  return judged.ok ? 'ok' : judged.code;
}

function frameOf(lcu: SimulatedLcu, poll: Poll, signedPoll: Uint8Array, fault: Fault, faults: readonly Fault[]): Uint8Array {
  const { message: honest, entries } = lcu.composeAnswer(poll, signedPoll);
  const message = Object.assign({}, honest, ...faults.map(({ fields }) => fields?.(honest))) as Answer;
  const parts = cutSigned(signMessage(ANSWER, message, SIGNER));
  if (!parts.ok) throw new Error(parts.code);
  const fields = new Map(decodeCbor(parts.value.payload) as ReadonlyMap<number, Cbor>);
  if (fault.unknownField) fields.set(99, 1);
  const payload = Buffer.concat([encodeCbor(fields), fault.behindPayload ?? new Uint8Array(0)]);
  const signed = seal(fault.contentType ?? contentTypeOf(ANSWER), payload, SIGNER);
  if (fault.badSignature) signed[signed.length - 1]! ^= 1;
  const kind = fault.kind ?? KINDS.answer.number;
  const content = fault.signed ?? signed;
  const frame = fault.coded ? encodeCodedFrame(kind, content, fault.coded) : encodeFrame(kind, content, entries);
  const whole = fault.cutShort ? frame.subarray(0, -1) : frame;
  return fault.tooLarge ? Buffer.concat([whole, new Uint8Array(LIMITS.frameBytes)]) : whole;
}

/** Those that need the store, and what is committed with it. */
const NEED_THE_STORE = ['chain-fork', 'lcu-retired', 'lcu-revoked', 'ledger-slot-full'];

test('docs/protocol.md has the checks of an answer in this order', (t) => {
  t.deepEqual(checksInProtocol('answer'), [...Object.keys(FAULTS), ...NEED_THE_STORE]);
});

test('an answer without a fault is good', (t) => {
  t.is(verdictOn(), 'ok');
});

for (const [at, [code, fault]] of Object.entries(FAULTS).entries()) {
  test(`of two faults in an answer ${code} is told, whatever else is wrong of what is checked later`, (t) => {
    t.is(verdictOn(fault), code);
    for (const [later, other] of Object.entries(FAULTS).slice(at + 1)) t.is(verdictOn(fault, other), code, later);
  });
}

test('the error table has the verdicts on an answer in the order of the checks', (t) => {
  const groups = groupsOf(readFileSync(new URL('../../../../shared/src/errors.ts', import.meta.url), 'utf8'));
  const verdicts = [...groups].filter(([, group]) => group.startsWith('verdicts on an answer')).map(([code]) => code);
  const checks = checksInProtocol('answer');
  t.deepEqual(
    verdicts.filter((code) => checks.includes(code)),
    checks.filter((code) => verdicts.includes(code)),
  );
  t.true(verdicts.length > 15);
});
