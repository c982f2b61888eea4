import { sameBytes } from '../bytes.js';
import { MalformedCbor } from '../envelope/cbor-cursor.js';
import { type CutOut, cutOut } from '../envelope/cut-out.js';
import { type AnswerFrame, cutAnswerFrame, cutFrame, type Frame } from '../envelope/frame.js';
import { protectedHeader } from '../envelope/protected-header.js';
import { seal, sealAsync } from '../envelope/seal.js';
import type { AsyncSigner, Signer, Verify } from '../envelope/signature.js';
import { toBeSigned } from '../envelope/to-be-signed.js';
import { kidOf } from '../envelope/kid.js';
import type { z } from 'zod';
import { contentTypeOf, encodeMessage, type MessageType, parseMessage, refuse, type Refusal, type Result } from './message.js';

/** Encodes and signs a message; the result is a COSE_Sign1. */
export function signMessage<Schema extends z.ZodObject>(
  type: MessageType<Schema>,
  value: z.input<Schema>,
  signer: Signer,
): Uint8Array {
  return seal(contentTypeOf(type), encodeMessage(type, value), signer);
}

/** As `signMessage`; the message is encoded at once. @throws FarolaError of the signer */
export function signMessageAsync<Schema extends z.ZodObject>(
  type: MessageType<Schema>,
  value: z.input<Schema>,
  signer: AsyncSigner,
): Promise<Uint8Array> {
  return sealAsync(contentTypeOf(type), encodeMessage(type, value), signer);
}

/**
 * Opens a signed message that one of these public keys must have signed: shape, header, signature, then strict parse,
 * in this order. Refuses with the code of the first step that fails.
 */
export function openSigned<Schema extends z.ZodObject>(
  type: MessageType<Schema>,
  signed: Uint8Array,
  publicKeys: readonly Uint8Array[],
  verify: Verify,
): Result<z.output<Schema>> {
  const cut = cutSigned(signed);
  if (!cut.ok) return cut;
  const contentType = contentTypeOf(type);
  const { protectedHeader: header, payload, signature } = cut.value;
  const publicKey = publicKeys.find((key) => sameBytes(header, protectedHeader(contentType, kidOf(key))));
  if (!publicKey) return refuse('header-unexpected', { kind: type.kind });
  if (!verify(publicKey, toBeSigned(header, payload), signature)) return refuse('signature-invalid', { kind: type.kind });
  return parseMessage(type, payload);
}

/** Cuts a COSE_Sign1 into its parts, or refuses with `cose-malformed`. */
export function cutSigned(signed: Uint8Array): { readonly ok: true; readonly value: CutOut } | Refusal {
  try {
    return { ok: true, value: cutOut(signed) };
  } catch (error) {
    if (error instanceof MalformedCbor) return refuse('cose-malformed', { reason: error.message });
    throw error;
  }
}

/** Cuts a frame into its parts, or refuses with `frame-malformed`. */
export function readFrame(bytes: Uint8Array): Result<Frame> {
  return readWith(cutFrame, bytes);
}

/** As `readFrame`, where an answer is expected: its entries may be coded. */
export function readAnswerFrame(bytes: Uint8Array): Result<AnswerFrame> {
  return readWith(cutAnswerFrame, bytes);
}

function readWith<T>(cut: (bytes: Uint8Array) => T, bytes: Uint8Array): Result<T> {
  try {
    return { ok: true, value: cut(bytes) };
  } catch (error) {
    if (error instanceof MalformedCbor) return refuse('frame-malformed', { reason: error.message });
    throw error;
  }
}
