/**
 * A wall time as people read it, in UTC, to the second: `2026-11-22T18:00:00Z`.
 * @param wallMs ms since 1970 UTC; RangeError beyond the calendar of ECMA-262 (21.4.1.1)
 */
export function isoTime(wallMs: number): string {
  return new Date(wallMs).toISOString().replace(/\.\d+Z$/, 'Z');
}

/**
 * A wall time as every `--json` tells it, in UTC, to the millisecond: `2026-11-22T18:00:00.000Z` (RFC 3339). Null stays null.
 * @param wallMs ms since 1970 UTC; RangeError as `isoTime`
 */
export function jsonTime<Ms extends number | null>(wallMs: Ms): Ms extends null ? null : string;
export function jsonTime(wallMs: number | null): string | null {
  return wallMs === null ? null : new Date(wallMs).toISOString();
}
