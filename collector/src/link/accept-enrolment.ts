import {
  type Clock,
  codeOf,
  cutSigned,
  encodeFrame,
  ENROL_ANSWER,
  ENROL_CHALLENGE,
  ENROL_REQUEST,
  type EnrolRequest,
  type ErrorCode,
  FarolaError,
  KEYS,
  KINDS,
  openSigned,
  parseMessage,
  PROTOCOL_VERSIONS,
  type Random,
  readFrame,
  refuse,
  type Result,
  sameBytes,
  sha256,
  signMessage,
  sixWords,
  type Timers,
  type Verify,
  vetPublicKey,
} from '@farola/shared';
import type { Enrolments } from '../fleet/fleet.js';
import type { Channel } from './channel.js';
import type { CollectorIdentity } from './collector-identity.js';

/** What an enrolment needs. */
export interface EnrolDeps {
  readonly identity: CollectorIdentity;
  readonly fleet: Pick<Enrolments, 'enrol'>;
  readonly verify: Verify;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
}

/** How an enrolment ended, for the log. */
export interface EnrolOutcome {
  readonly lcuId: string;
  readonly outcome: 'pending' | ErrorCode;
}

/** How long an enrolment may take, ms. */
const ENROL_MS = 30_000;
const VERSION = Math.max(...PROTOCOL_VERSIONS);

/**
 * Serves one enrolment: sends the challenge, takes one request, answers it, and closes. The request is bound to the
 * nonce of the challenge, so that it cannot be shown again.
 */
export function acceptEnrolment(channel: Channel, deps: EnrolDeps, ended: (outcome: EnrolOutcome) => void): void {
  const nonce = deps.random.bytes(16);
  const timer = deps.timers.after(ENROL_MS, () => channel.close('answer-missing'));
  let taken = false;
  channel.onClose(() => timer.cancel());
  channel.onMessage((frame) => {
    if (taken) return;
    taken = true;
    timer.cancel();
    const request = readRequest(frame, nonce, deps);
    if (!request.ok) {
      ended({ lcuId: '?', outcome: request.code });
      return channel.close(request.code);
    }
    const outcome = enrol(request.value, deps);
    const { lcuId } = request.value.request;
    channel.send(enrolAnswer(request.value, outcome, deps));
    channel.close('done');
    ended({ lcuId, outcome });
  });
  channel.send(challenge(nonce, deps.identity));
}

interface TakenRequest {
  readonly request: EnrolRequest;
  readonly payload: Uint8Array;
  readonly signed: Uint8Array;
  readonly secret: Uint8Array;
}

function challenge(nonce: Uint8Array, { collectorId, keys, pollSigner }: CollectorIdentity): Uint8Array {
  const message = { version: VERSION, collectorId, nonce, keys: keys.at(-1) as Uint8Array };
  return encodeFrame(KINDS.enrolChallenge.number, signMessage(ENROL_CHALLENGE, message, pollSigner));
}

/** Shape, strict parse, then the signature by the very key that is presented: the sender has it. */
function readRequest(frame: Uint8Array, nonce: Uint8Array, { identity, verify }: EnrolDeps): Result<TakenRequest> {
  const cut = cutRequest(frame);
  if (!cut.ok) return cut;
  const { signed, secret } = cut.value;
  const parts = cutSigned(signed);
  if (!parts.ok) return parts;
  const claimed = parseMessage(ENROL_REQUEST, parts.value.payload);
  if (!claimed.ok) return claimed;
  const flaw = vetPublicKey(claimed.value.publicKey);
  if (flaw) return refuse(flaw);
  const proven = openSigned(ENROL_REQUEST, signed, [claimed.value.publicKey], verify);
  if (!proven.ok) return proven;
  const request = proven.value;
  if (!sameBytes(request.nonce, nonce)) return refuse('nonce-mismatch');
  if (request.collectorId !== identity.collectorId) {
    return refuse('collector-mismatch', { named: request.collectorId, collector: identity.collectorId });
  }
  if (!sameBytes(request.tokenHash, sha256(secret))) return refuse('token-unknown', { lcu: request.lcuId });
  return { ok: true, value: { request, payload: parts.value.payload, signed, secret } };
}

function cutRequest(bytes: Uint8Array): Result<{ signed: Uint8Array; secret: Uint8Array }> {
  const frame = readFrame(bytes);
  if (!frame.ok) return frame;
  const { kind, signed, attachment } = frame.value;
  const [secret, ...more] = attachment?.items ?? [];
  if (kind !== KINDS.enrolRequest.number || !secret || more.length > 0) return refuse('frame-kind-unexpected', { kind });
  return { ok: true, value: { signed: signed.slice(), secret } };
}

function enrol(taken: TakenRequest, { fleet, identity, clock, verify }: EnrolDeps): 'pending' | ErrorCode {
  const { request, payload, signed } = taken;
  try {
    fleet.enrol({
      lcuId: request.lcuId,
      tokenHash: request.tokenHash,
      publicKey: request.publicKey,
      request: signed,
      words: enrolmentWords(identity, payload, verify),
      assurance: 0,
      atMs: clock.now().wallMs,
    });
    return 'pending';
  } catch (error) {
    if (error instanceof FarolaError) return codeOf(error);
    throw error;
  }
}

function enrolmentWords(identity: CollectorIdentity, payload: Uint8Array, verify: Verify): readonly string[] {
  const statement = identity.keys.at(-1) as Uint8Array;
  const opened = openSigned(KEYS, statement, [identity.rootKey], verify);
  const parts = cutSigned(statement);
  if (!opened.ok || !parts.ok) throw new FarolaError('keys-untrusted');
  return sixWords(parts.value.payload, payload);
}

function enrolAnswer(taken: TakenRequest, outcome: EnrolOutcome['outcome'], { identity, clock }: EnrolDeps): Uint8Array {
  const message = {
    version: VERSION,
    lcuId: taken.request.lcuId,
    requestHash: sha256(taken.payload),
    outcome,
    issuedAt: clock.now().wallMs,
  };
  return encodeFrame(KINDS.enrolAnswer.number, signMessage(ENROL_ANSWER, message, identity.pollSigner));
}
