import {
  contentTypeOf,
  cutSigned,
  encodeFrame,
  ENCODINGS,
  HELLO,
  HELLO_ANSWER,
  HELLO_VERSION,
  type HelloAnswer,
  KID_BYTES,
  kidInHeader,
  KINDS,
  parseMessage,
  PROTOCOL_VERSIONS,
  type Random,
  readFrame,
  refuse,
  type Result,
  sameBytes,
  signMessage,
  toBeSigned,
  toHex,
  type Verify,
} from '@farola/shared';
import { judgeState } from '../fleet/fleet-rules.js';
import type { FleetReader, Lcu } from '../fleet/fleet.js';
import type { CollectorIdentity } from './collector-identity.js';

/** An LCU that has proven who it is on one connection. */
export interface Greeted {
  readonly lcu: Lcu;
  readonly publicKey: Uint8Array;
  readonly hello: HelloAnswer;
}

/** A hello that was sent and the nonce that must come back. */
export interface SentHello {
  readonly frame: Uint8Array;
  readonly nonce: Uint8Array;
}

/** Makes the hello of one connection. @param issuedAt wall time, ms */
export function makeHello(identity: CollectorIdentity, random: Random, issuedAt: number): SentHello {
  const nonce = random.bytes(16);
  const { collectorId } = identity;
  const version = HELLO_VERSION;
  const encodings = [ENCODINGS.coded];
  const message = { version, collectorId, versions: [...PROTOCOL_VERSIONS], encodings, nonce, issuedAt };
  return { frame: encodeFrame(KINDS.hello.number, signMessage(HELLO, message, identity.pollSigner)), nonce };
}

/**
 * Judges the hello-answer: shape, header, a key of the fleet, signature, strict parse, key id, nonce, name, and last the
 * state, which only who has proven to be that LCU is told. Codes, in this order: `frame-malformed`, `frame-kind-unexpected`,
 * `cose-malformed`, `header-unexpected`, `key-unknown`, `signature-invalid`, those of the parse, `message-invalid` for the key
 * id of another key, `nonce-mismatch`, `lcu-mismatch`, and of the state `lcu-retired`, `lcu-revoked`, `lcu-pending`.
 */
export function judgeHelloAnswer(
  frame: Uint8Array,
  sent: Pick<SentHello, 'nonce'>,
  fleet: Pick<FleetReader, 'findByKid'>,
  verify: Verify,
): Result<Greeted> {
  const signed = cutHelloAnswer(frame);
  if (!signed.ok) return signed;
  const parts = cutSigned(signed.value);
  if (!parts.ok) return parts;
  const { protectedHeader, payload, signature } = parts.value;
  const kid = kidInHeader(protectedHeader, contentTypeOf(HELLO_ANSWER), KID_BYTES);
  if (!kid) return refuse('header-unexpected', { kind: 'helloAnswer' });
  const lcu = fleet.findByKid(kid);
  if (!lcu?.key) return refuse('key-unknown', { kid: toHex(kid) });
  if (!verify(lcu.key.publicKey, toBeSigned(protectedHeader, payload), signature)) {
    return refuse('signature-invalid', { kind: 'helloAnswer' });
  }
  const parsed = parseMessage(HELLO_ANSWER, payload);
  if (!parsed.ok) return parsed;
  if (!sameBytes(parsed.value.kid, kid)) {
    return refuse('message-invalid', { kind: 'helloAnswer', reason: 'kid is not that of the header' });
  }
  if (!sameBytes(parsed.value.nonce, sent.nonce)) return refuse('nonce-mismatch');
  if (parsed.value.lcuId !== lcu.lcuId) return refuse('lcu-mismatch', { named: parsed.value.lcuId, lcu: lcu.lcuId });
  const barred = judgeState(lcu);
  if (barred) return barred;
  return { ok: true, value: { lcu, publicKey: lcu.key.publicKey, hello: parsed.value } };
}

function cutHelloAnswer(bytes: Uint8Array): Result<Uint8Array> {
  const frame = readFrame(bytes);
  if (!frame.ok) return frame;
  const { kind, signed, attachment } = frame.value;
  if (kind !== KINDS.helloAnswer.number || attachment) return refuse('frame-kind-unexpected', { kind });
  return { ok: true, value: signed };
}
