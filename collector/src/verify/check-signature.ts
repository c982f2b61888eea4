import { refuse, type Refusal, sameBytes, toBeSigned, type Verify } from '@farola/shared';
import type { Asked } from './asked.js';
import type { RawAnswer } from './cut-answer.js';

/** The protected header is that of an answer under this connection's key, byte for byte. Code: `header-unexpected`. */
export function checkHeader(asked: Asked, raw: RawAnswer): Refusal | undefined {
  if (sameBytes(raw.parts.protectedHeader, asked.answerHeader)) return undefined;
  return refuse('header-unexpected', { kind: 'answer' });
}

/** The signature is that of this connection's LCU. Code: `signature-invalid`. */
export function checkSignature(asked: Asked, raw: RawAnswer, verify: Verify): Refusal | undefined {
  const { protectedHeader, payload, signature } = raw.parts;
  if (verify(asked.publicKey, toBeSigned(protectedHeader, payload), signature)) return undefined;
  return refuse('signature-invalid', { kind: 'answer' });
}
