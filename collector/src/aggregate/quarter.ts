/** Length of a quarter, ms: what is stored of a measuring point. Every time zone is a whole number of quarters from UTC. */
export const QUARTER_MS = 900_000;

/** Number of the quarter that a wall time is in, counted from 1970 UTC. */
export function quarterOf(wallMs: number): number {
  return Math.floor(wallMs / QUARTER_MS);
}
