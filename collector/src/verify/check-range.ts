import { type Answer, refuse, type Refusal, sameBytes, WANT } from '@farola/shared';
import type { Asked } from './asked.js';

/**
 * The answer carries as many entries as it signs, and of what was asked. An LCU that no longer has the asked entries
 * answers with an empty range, of that epoch wherever it has others, or of its present one. Codes: `entries-count`, `range-unasked`.
 */
export function checkRange(
  asked: Pick<Asked, 'want' | 'epoch'>,
  answer: Pick<Answer, 'epoch' | 'from' | 'to'>,
  count: number,
): Refusal | undefined {
  const { from, to } = answer;
  if (from < 1 || to - from + 1 !== count) return refuse('entries-count', { from, to, count });
  return isAsked(asked, answer, count) ? undefined : refuse('range-unasked', { from, to });
}

function isAsked(
  { want, epoch }: Pick<Asked, 'want' | 'epoch'>,
  answer: Pick<Answer, 'epoch' | 'from' | 'to'>,
  count: number,
): boolean {
  const isOfAsked = sameBytes(answer.epoch, want[1]);
  if (count === 0) return isOfAsked || sameBytes(answer.epoch, epoch);
  if (!isOfAsked || answer.from <= want[2]) return false;
  return want[0] === WANT.newest || answer.to < want[3];
}
