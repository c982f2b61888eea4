import { type Answer, refuse, type Refusal, sameBytes, toHex } from '@farola/shared';
import type { Asked } from './asked.js';

/**
 * The answer is that of this LCU to this very poll, from the boot that opened the connection, and its clock did not go
 * back. Codes: `lcu-mismatch`, `nonce-mismatch`, `poll-mismatch`, `boot-mismatch`, `clock-backwards`.
 */
export function checkBinding(asked: Asked, answer: Answer): Refusal | undefined {
  if (answer.lcuId !== asked.lcuId) return refuse('lcu-mismatch', { named: answer.lcuId, lcu: asked.lcuId });
  if (!sameBytes(answer.nonce, asked.nonce)) return refuse('nonce-mismatch');
  if (answer.pollId !== asked.pollId || !sameBytes(answer.pollHash, asked.pollHash)) return refuse('poll-mismatch');
  if (!sameBytes(answer.boot, asked.boot)) return refuse('boot-mismatch');
  if (answer.now[0] < asked.lastMonoMs) return refuse('clock-backwards', { boot: toHex(answer.boot) });
  return undefined;
}
