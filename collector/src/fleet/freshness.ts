/** Age up to and including which a sample is live, ms (DESIGN section 3.5). */
export const LIVE_MS = 300_000;

/** Whether an entry of this age is live: it may become a latest value, raise an alarm, start a trigger. */
export function isLive(ageMs: number): boolean {
  return ageMs >= 0 && ageMs <= LIVE_MS;
}
