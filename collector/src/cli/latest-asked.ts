import { ageOf, isStale, type ReadingSample } from '../api/reading.js';

/** When latest values are looked at, and what makes them stale. */
export interface LatestAsked {
  readonly nowMs: number;
  readonly roundMs: number;
}

/** How old a latest value is: nothing of a sample of a span, whose age says nothing. */
export interface Freshness {
  /** Null where it is not known. */
  readonly ageMs: number | null;
  readonly stale: boolean | null;
}

/** How old it is. @param latest undefined for samples of a span */
export function freshness(of: Pick<ReadingSample, 'observedAtMs' | 'periodS'>, latest: LatestAsked | undefined): Freshness {
  if (!latest) return { ageMs: null, stale: null };
  const ageMs = ageOf(of, latest.nowMs);
  return { ageMs: ageMs ?? null, stale: isStale(ageMs, latest.roundMs, of.periodS) };
}

/** Whole seconds. */
export function secondsOf(ageMs: number | null): number | null {
  return ageMs === null ? null : Math.floor(ageMs / 1_000);
}
