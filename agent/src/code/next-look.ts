import type { Clock } from '@farola/shared';

/**
 * How long to wait until something is measured again, ms. Looks come at multiples of `checkMs` of the monotonic clock, so that
 * those at code and platform come together and one start of the measuring thread serves both. One that is due within half of
 * that is left out: a timer may be early by a millisecond.
 */
export function untilNextLook(clock: Clock, checkMs: number): number {
  const leftMs = checkMs - (clock.now().monoMs % checkMs);
  return leftMs < checkMs / 2 ? leftMs + checkMs : leftMs;
}
