/**
 * A wall time as people read it, in UTC, to the second: `2026-11-22T18:00:00Z`.
 * @param wallMs ms since 1970 UTC; RangeError beyond the calendar of ECMA-262 (21.4.1.1)
 */
export function isoTime(wallMs: number): string {
  return `${dateAndTime(new Date(wallMs))}Z`;
}

/** As `isoTime`, to the millisecond: `2026-11-22T18:00:00.042Z`. */
export function isoTimeMs(wallMs: number): string {
  const at = new Date(wallMs);
  return `${dateAndTime(at)}.${digits(at.getUTCMilliseconds(), 3)}Z`;
}

/**
 * The format of ECMA-262 21.4.1.32. `toISOString` gives the same, but V8 loads the time zones of ICU for it, which take a running
 * agent 0.9 MB for good (docs/decisions/037-small-agent.md).
 */
function dateAndTime(at: Date): string {
  const year = at.getUTCFullYear();
  if (Number.isNaN(year)) throw new RangeError('a time beyond the calendar');
  const sign = year < 0 ? '-' : '+';
  const shown = year >= 0 && year <= 9999 ? digits(year, 4) : `${sign}${digits(Math.abs(year), 6)}`;
  const date = `${shown}-${digits(at.getUTCMonth() + 1, 2)}-${digits(at.getUTCDate(), 2)}`;
  return `${date}T${digits(at.getUTCHours(), 2)}:${digits(at.getUTCMinutes(), 2)}:${digits(at.getUTCSeconds(), 2)}`;
}

function digits(value: number, least: number): string {
  return String(value).padStart(least, '0');
}

/**
 * A wall time as every `--json` tells it, in UTC, to the millisecond: `2026-11-22T18:00:00.000Z` (RFC 3339). Null stays null.
 * @param wallMs ms since 1970 UTC; RangeError as `isoTime`
 */
export function jsonTime<Ms extends number | null>(wallMs: Ms): Ms extends null ? null : string;
export function jsonTime(wallMs: number | null): string | null {
  return wallMs === null ? null : new Date(wallMs).toISOString();
}
