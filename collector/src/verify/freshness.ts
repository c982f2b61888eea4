/** Age up to and including which a sample is live, ms. */
export const LIVE_MS = 300_000;

/**
 * Age of an entry at the moment of its answer, by the LCU's monotonic clock, both times signed and of one boot, ms.
 * Negative when the entry claims to come from the future.
 */
export function ageMs(entryMonoMs: number, nowMonoMs: number): number {
  return nowMonoMs - entryMonoMs;
}

/** Whether an entry of this age is live: it may become a latest value, raise an alarm, start a trigger. */
export function isLive(age: number): boolean {
  return age >= 0 && age <= LIVE_MS;
}
