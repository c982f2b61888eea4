import { type Answer, refuse, type Refusal, sameBytes, WANT } from '@farola/shared';
import type { Asked } from './asked.js';

/**
 * The answer carries as many entries as it signs, and of what was asked. An LCU that no longer has the asked epoch
 * answers with an empty range of its present one. Codes: `entries-count`, `range-unasked`.
 */
export function checkRange(asked: Asked, answer: Answer, count: number): Refusal | undefined {
  const { from, to } = answer;
  if (from < 1 || to - from + 1 !== count) return refuse('entries-count', { from, to, count });
  return isAsked(asked, answer, count) ? undefined : refuse('range-unasked', { from, to });
}

function isAsked(asked: Asked, answer: Answer, count: number): boolean {
  const { want } = asked;
  if (count === 0 && sameBytes(answer.epoch, asked.epoch)) return true;
  if (!sameBytes(answer.epoch, want[1]) || answer.from <= want[2]) return false;
  return want[0] === WANT.newest || answer.to < want[3];
}
