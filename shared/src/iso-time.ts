/**
 * A wall time as people read it, in UTC, to the second: `2026-11-22T18:00:00Z`.
 * @param wallMs ms since 1970 UTC; RangeError beyond the calendar of ECMA-262 (21.4.1.1)
 */
export function isoTime(wallMs: number): string {
  return new Date(wallMs).toISOString().replace(/\.\d+Z$/, 'Z');
}
