import { ANSWER, parseMessage, type Verify } from '@farola/shared';
import type { Asked } from './asked.js';
import { checkBinding } from './check-binding.js';
import { checkHeader, checkSignature } from './check-signature.js';
import { cutAnswer } from './cut-answer.js';

/**
 * Whether a frame is an answer that the LCU of this connection signed to this very poll, in time or not. In the order of verifyAnswer:
 * nothing is parsed before the signature has shown whose it is.
 */
export function answersPoll(frame: Uint8Array, asked: Asked, verify: Verify): boolean {
  const cut = cutAnswer(frame);
  if (!cut.ok || checkHeader(asked, cut.value) || checkSignature(asked, cut.value, verify)) return false;
  const parsed = parseMessage(ANSWER, cut.value.parts.payload, asked.known);
  return parsed.ok && checkBinding(asked, parsed.value) === undefined;
}
