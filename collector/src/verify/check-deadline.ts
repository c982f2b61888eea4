import { refuse, type Refusal } from '@farola/shared';
import type { Asked } from './asked.js';

/** The answer is fresh if it came in time, on the collector's monotonic clock. Code: `answer-late`. */
export function checkDeadline(asked: Asked, receivedMonoMs: number): Refusal | undefined {
  const lateMs = receivedMonoMs - asked.sentMonoMs - asked.deadlineMs;
  return lateMs > 0 ? refuse('answer-late', { lateMs }) : undefined;
}
