import { FarolaError, isoTime } from '@farola/shared';
import type { ZoneClock } from '../aggregate/zone-clock.js';

const OFF = /^([+-])(\d{1,6})([smhd])$/;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const NO_ZONE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?$/;
const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/**
 * A time from the command line, ms since 1970 UTC: a date (its midnight in UTC), a date with time and zone, or a time
 * ago such as `-6h`, or to come such as `+7d`. Errors: `time-invalid`, `time-without-zone`.
 */
export function parseTime(text: string, nowMs: number): number {
  const off = OFF.exec(text);
  if (off) return nowMs + Number(`${off[1] as string}${off[2] as string}`) * (UNIT_MS[off[3] as string] as number);
  if (NO_ZONE.test(text) && isDay(text.slice(0, 10)) && !Number.isNaN(Date.parse(`${text}Z`)))
    throw new FarolaError('time-without-zone', { value: text });
  const ms = DATE.test(text) && isDay(text.slice(0, 10)) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new FarolaError('time-invalid', { value: text });
  return ms;
}

/** A time to come, ms since 1970 UTC, as `parseTime` takes it. Errors: those of `parseTime`, `time-over`. */
export function parseUntil(option: string, text: string, nowMs: number): number {
  const untilMs = parseTime(text, nowMs);
  if (untilMs <= nowMs) throw new FarolaError('time-over', { option, value: text, now: isoTime(nowMs) });
  return untilMs;
}

/** A span of time as the command line names it. */
export interface AskedSpan {
  readonly from: string | undefined;
  /** Where it begins when `from` does not say. */
  readonly begin: string;
  /** Now when it is not told. */
  readonly to?: string | undefined;
}

/** A span of time from the command line, both ends included. Errors: those of `parseTime`, `time-to-come`, `usage` where it ends before it begins. */
export function parseSpan({ from, begin, to }: AskedSpan, nowMs: number): { fromMs: number; toMs: number } {
  const fromMs = parseTime(from ?? begin, nowMs);
  const toMs = parseTime(to ?? '-0s', nowMs);
  if (fromMs > nowMs) throw new FarolaError('time-to-come', { option: '--from', value: from ?? begin, now: isoTime(nowMs) });
  if (fromMs <= toMs) return { fromMs, toMs };
  if (from !== undefined) throw new FarolaError('usage', { reason: `--from ${from} is later than --to ${to}` });
  throw new FarolaError('usage', { reason: `--to ${to} is before the begin, ${begin} by default: say --from as well` });
}

/** Says of an end that is to come that nothing can be here of then. */
export function noteFuture({ to }: Pick<AskedSpan, 'to'>, toMs: number, nowMs: number, note?: (line: string) => void): void {
  if (to !== undefined && toMs > nowMs) note?.(`--to ${to} is in the future: what is here goes up to now, ${isoTime(nowMs)}`);
}

/**
 * As `parseSpan`, in a time zone: a date is its midnight there. The end is not included, so that from one date to another
 * are the days between them.
 */
export function parseSpanIn(clock: ZoneClock, { from, begin, to }: AskedSpan, nowMs: number): { fromMs: number; toMs: number } {
  const inZone = (text: string): string => {
    if (!DAY.test(text) || !isDay(text)) return text;
    return new Date(clock.beginOfDay(Date.parse(text))).toISOString();
  };
  return parseSpan({ from: from && inZone(from), begin, to: to && inZone(to) }, nowMs);
}

/** Whether the calendar has this day: `Date` takes 30 February for a day of March. */
function isDay(date: string): boolean {
  const ms = Date.parse(date);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date);
}
