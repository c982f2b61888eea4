import {
  type AsyncSigner,
  ENROL_ANSWER,
  ENROL_REQUEST,
  encodeFrame,
  encodeMessage,
  type EnrolmentToken,
  type ErrorCode,
  ERRORS,
  type Facts,
  FarolaError,
  KINDS,
  openSigned,
  type Refusal,
  sameBytes,
  sealAsync,
  sha256,
  sixWords,
  type Timers,
  type Verify,
} from '@farola/shared';
import { keysPayload } from '../trust/collector-keys.js';
import type { Enrolment, EnrolmentStore, KeyStore } from '../trust/identity.js';
import { type Channel, CLOSE, type Dial } from './channel.js';
import { MessageQueue } from './message-queue.js';
import { signedOfKind } from './signed-of-kind.js';
import { verifyChallenge } from './verify-challenge.js';

/** What an enrolment works with. */
export interface EnrolDeps {
  readonly keyStore: KeyStore;
  readonly enrolments: EnrolmentStore;
  readonly dial: Dial;
  readonly verify: Verify;
  readonly timers: Timers;
  readonly agentVersion: string;
}

/** Time that the collector may take for each of its messages, ms. */
const STEP_TIMEOUT_MS = 15_000;

/** What came of a token. */
export interface Enrolled {
  readonly enrolment: Enrolment;
  /** Whether it had come of it before: then nobody was asked, and nothing was changed. */
  readonly again: boolean;
}

/**
 * Enrols this LCU by a token, and gives the enrolment with the six words to compare. The key is durable before it is
 * presented, so that a run that was cut off at any moment is taken up by the next run with the same token.
 * @throws FarolaError `already-enrolled` for another token on an enrolled LCU; `keys-untrusted`, `collector-mismatch`
 * and others when the collector does not prove itself; what the collector refuses with, such as `token-used`
 */
export async function enrol(token: EnrolmentToken, deps: EnrolDeps, signal: AbortSignal): Promise<Enrolled> {
  const enrolled = await deps.enrolments.load();
  if (enrolled) return { enrolment: sameEnrolment(enrolled, token), again: true };
  const signer = await deps.keyStore.loadOrCreate();
  const enrolment = await present(token, signer, deps, signal);
  await deps.enrolments.save(enrolment);
  return { enrolment, again: false };
}

function sameEnrolment(enrolled: Enrolment, token: EnrolmentToken): Enrolment {
  if (enrolled.lcuId === token.lcuId && sameBytes(enrolled.tokenHash, sha256(token.secret))) return enrolled;
  throw new FarolaError('already-enrolled', { lcu: enrolled.lcuId });
}

async function present(token: EnrolmentToken, signer: AsyncSigner, deps: EnrolDeps, signal: AbortSignal): Promise<Enrolment> {
  const messages = new MessageQueue(token.address, factsOf(token));
  let channel: Channel | undefined;
  await deps.dial((opened) => {
    channel = opened;
    return messages;
  }, signal);
  try {
    return await converse(token, signer, deps, messages, (bytes) => channel?.send(bytes));
  } finally {
    channel?.close(CLOSE.normal, '');
  }
}

async function converse(
  token: EnrolmentToken,
  signer: AsyncSigner,
  { verify, timers, agentVersion }: EnrolDeps,
  messages: MessageQueue,
  send: (bytes: Uint8Array) => void,
): Promise<Enrolment> {
  const { lcuId, collectorId, address, rootKey } = token;
  const challenged = verifyChallenge(await nextOf('enrolChallenge', messages, timers), token, verify);
  if (!challenged.ok) throw thrown(challenged);
  const { challenge, keys } = challenged.value;
  const tokenHash = sha256(token.secret);
  const { publicKey } = signer;
  const { version, nonce } = challenge;
  const request = { version, lcuId, collectorId, nonce, publicKey, tokenHash, agentVersion, assurance: 0, evidence: [] };
  const payload = encodeMessage(ENROL_REQUEST, request);
  const signed = await sealAsync(KINDS.enrolRequest.contentType, payload, signer);
  send(encodeFrame(KINDS.enrolRequest.number, signed, [token.secret]));
  const answered = openSigned(ENROL_ANSWER, await nextOf('enrolAnswer', messages, timers), keys.pollKeys, verify);
  if (!answered.ok) throw thrown(answered);
  if (!sameBytes(answered.value.requestHash, sha256(payload)) || answered.value.lcuId !== lcuId) {
    throw new FarolaError('message-invalid', { kind: 'enrolAnswer', reason: 'it answers another request' });
  }
  if (answered.value.outcome !== 'pending') throw outcomeOf(answered.value.outcome, token);
  const words = sixWords(keysPayload(challenge.keys), payload);
  return { lcuId, collectorId, address, rootKey, keys: challenge.keys, publicKey, tokenHash, words };
}

/** The signed part of the next message, which must be a frame of this kind. */
async function nextOf(kind: 'enrolChallenge' | 'enrolAnswer', messages: MessageQueue, timers: Timers): Promise<Uint8Array> {
  const late = new FarolaError('hello-missing', { timeoutMs: STEP_TIMEOUT_MS });
  const timer = timers.after(STEP_TIMEOUT_MS, () => messages.fail(late));
  try {
    const signed = signedOfKind(kind, await messages.next());
    if (!signed.ok) throw thrown(signed);
    return signed.value;
  } finally {
    timer.cancel();
  }
}

function thrown({ code, facts }: Refusal): FarolaError {
  return new FarolaError(code, facts);
}

function outcomeOf(outcome: string, token: EnrolmentToken): FarolaError {
  if (!Object.hasOwn(ERRORS, outcome)) return new FarolaError('collector-refused', { code: outcome });
  return new FarolaError(outcome as ErrorCode, factsOf(token));
}

/** What a token says, for the messages of refusals. */
function factsOf({ lcuId, expiresAt }: EnrolmentToken): Facts {
  return { lcu: lcuId, expired: new Date(expiresAt).toISOString() };
}
