import type { EpochTable } from './derived-state.js';

/** Age up to and including which an entry is live, ms (DESIGN section 3.5). */
export const LIVE_MS = 300_000;
/** A sample is read, and asked for, this long after its period began at the most, ms. */
const READ_MS = 60_000;
/** Longest period of a scan group, ms. */
const LONGEST_PERIOD_MS = 3_600_000;

/** Whether an entry of this age is live: it may raise an alarm, start a trigger, and a sample become a latest value. */
export function isLive(ageMs: number): boolean {
  return ageMs >= 0 && ageMs <= LIVE_MS;
}

/** Whether a sample of this age can be the newest of any scan group. */
export function mayBeNewest(ageMs: number): boolean {
  return ageMs >= 0 && ageMs <= LONGEST_PERIOD_MS + READ_MS;
}

/**
 * Whether a sample may become a latest value: it is live, or no newer one of its scan group can be expected yet. One that is read each
 * quarter of an hour is older than five minutes most of the time.
 * @param table of its epoch, asked only where the age alone does not tell
 */
export function mayBeLatest(
  { ageMs, analyser }: { readonly ageMs: number; readonly analyser: number },
  table: () => EpochTable | undefined,
): boolean {
  if (isLive(ageMs)) return true;
  const row = mayBeNewest(ageMs) ? table()?.analysers.find(({ index }) => index === analyser) : undefined;
  return row !== undefined && ageMs <= row.periodS * 1_000 + READ_MS;
}
