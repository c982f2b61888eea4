import { sameBytes } from '@farola/shared';
import { counterStep, type StepFacts } from './counter-step.js';
import type { CounterPoint } from './quarter-summary.js';

/**
 * Whether the value of a sample did not last: the one behind it goes on from the one before it, and it is below the one or above the
 * other. Told by the samples on both sides alone, whatever these are themselves, so that it is the same however a series is cut.
 * @param signed whether the quantity may fall: then nothing can be told
 */
export function isGlitch(
  before: CounterPoint | undefined,
  point: CounterPoint,
  after: CounterPoint | undefined,
  signed: boolean,
  facts: StepFacts = {},
): boolean {
  if (!before || !after || signed || point.isOfOther) return false;
  if (point.value >= before.value && point.value <= after.value) return false;
  if (!sameBytes(before.at.meter, point.at.meter) || !isInOrder(before, point) || !isInOrder(point, after)) return false;
  return before.value <= after.value && 'counted' in counterStep(before, after, signed, facts);
}

/** Where the clock went back, the numbers contradict the times, and what stands beside a sample was not read beside it. */
function isInOrder({ at: a }: CounterPoint, { at: b }: CounterPoint): boolean {
  return !sameBytes(a.epoch, b.epoch) || a.n < b.n;
}
