import test from 'ava';
import { judgeHelloAnswer } from '@farola/collector/link/hello-exchange.js';
import {
  ANSWER,
  contentTypeOf,
  cutSigned,
  decodeCbor,
  encodeCbor,
  encodeFrame,
  HELLO_ANSWER,
  type HelloAnswer,
  KINDS,
  sameBytes,
  seal,
  signMessage,
} from '@farola/shared';
import { bootOf } from '#scripts/simulated-lcu.js';
import { checksInProtocol } from '../../fakes/checks-in-protocol.js';
import { testLcu } from '../../fakes/test-collector.js';
import { nodeVerify, testSigner } from '../../fakes/test-signer.js';

const NONCE = new Uint8Array(16).fill(7);

/** What is wrong with a hello-answer, or with the LCU that gives it, at each place where something can be. */
interface Fault {
  readonly fields?: Partial<HelloAnswer>;
  /** Put behind the payload. */
  readonly behindPayload?: Uint8Array;
  readonly contentType?: string;
  readonly badSignature?: boolean;
  /** In the place of the COSE_Sign1. */
  readonly signed?: Uint8Array;
  readonly kind?: number;
  readonly cutShort?: boolean;
  readonly stranger?: boolean;
  readonly state?: 'retired' | 'revoked' | 'pending';
}

const STATES = ['retired', 'revoked', 'pending'] as const;

/** One fault for each check, in the order of the checks. An LCU is in one state only. */
const FAULTS: readonly (readonly [code: string, fault: Fault])[] = [
  ['frame-malformed', { cutShort: true }],
  ['frame-kind-unexpected', { kind: KINDS.poll.number }],
  ['cose-malformed', { signed: Uint8Array.of(0x80) }],
  ['header-unexpected', { contentType: contentTypeOf(ANSWER) }],
  ['key-unknown', { stranger: true }],
  ['signature-invalid', { badSignature: true }],
  ['payload-malformed', { behindPayload: Uint8Array.of(0) }],
  ['version-unknown', { fields: { version: 9 } }],
  ['message-invalid', { fields: { kid: new Uint8Array(8) } }],
  ['nonce-mismatch', { fields: { nonce: new Uint8Array(16) } }],
  ['lcu-mismatch', { fields: { lcuId: 'malaga-0043' } }],
  ...STATES.map((state) => [`lcu-${state}`, { state }] as const),
];

/** What the collector judges of a hello-answer with all of these faults. */
function verdictOn(...faults: readonly Fault[]): string {
  const fault = Object.assign({}, ...faults) as Fault;
  const signer = testSigner(fault.stranger ? 3 : 2);
  const message = Object.assign(
    { version: 1, lcuId: 'malaga-0042', kid: signer.kid, nonce: NONCE },
    { lcuNonce: new Uint8Array(16), boot: bootOf('b0'), epoch: new Uint8Array(8) },
    ...faults.map(({ fields }) => fields),
  ) as HelloAnswer;
  const parts = cutSigned(signMessage(HELLO_ANSWER, message, signer));
  if (!parts.ok) throw new Error(parts.code);
  const fields = encodeCbor(decodeCbor(parts.value.payload));
  const payload = Buffer.concat([fields, fault.behindPayload ?? new Uint8Array(0)]);
  const signed = seal(fault.contentType ?? contentTypeOf(HELLO_ANSWER), payload, signer);
  if (fault.badSignature) signed[signed.length - 1]! ^= 1;
  const frame = encodeFrame(fault.kind ?? KINDS.helloAnswer.number, fault.signed ?? signed);
  const lcu = testLcu(fault.state ?? 'active');
  const fleet = { findByKid: (kid: Uint8Array) => (lcu.key && sameBytes(kid, lcu.key.kid) ? lcu : undefined) };
  const judged = judgeHelloAnswer(fault.cutShort ? frame.subarray(0, 1) : frame, { nonce: NONCE }, fleet, nodeVerify);
  return judged.ok ? 'ok' : judged.code;
}

test('docs/protocol.md has the checks of a hello-answer in this order; who may dial comes last', (t) => {
  t.deepEqual(checksInProtocol('hello-answer'), [...FAULTS.map(([code]) => code), 'lcu-dialled']);
});

test('a hello-answer without a fault is good', (t) => {
  t.is(verdictOn(), 'ok');
});

for (const [at, [code, fault]] of FAULTS.entries()) {
  test(`of two faults in a hello-answer ${code} is told, whatever else is wrong of what is checked later`, (t) => {
    t.is(verdictOn(fault), code);
    for (const [later, other] of FAULTS.slice(at + 1)) {
      if (!(fault.state && other.state)) t.is(verdictOn(fault, other), code, later);
    }
  });
}
