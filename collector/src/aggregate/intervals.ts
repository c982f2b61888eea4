import { QUARTER_MS } from './quarter.js';
import type { ZoneClock } from './zone-clock.js';

/** Lengths that readings are told in. */
export const INTERVAL_KINDS = ['15min', 'hour', 'day', 'month'] as const;

/** Name of such a length. */
export type IntervalKind = (typeof INTERVAL_KINDS)[number];

/** From one moment to another, the second not included, ms; both are whole quarters. */
export interface Interval {
  readonly fromMs: number;
  readonly toMs: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/**
 * The intervals of a kind that meet a span, in the calendar of a time zone: whole ones, the first and last reach beyond
 * the span where it begins or ends inside them. Quarters that show the same hour, day or month and follow each other are
 * one interval, so that days have 23 to 25 hours; an hour that comes twice in autumn is two.
 */
export function intervalsBetween(kind: IntervalKind, clock: ZoneClock, fromMs: number, toMs: number): Interval[] {
  const label = LABELS[kind];
  const at = (ms: number): string => label(clock.localMs(ms), clock.offsetAt(ms));
  let beginMs = Math.floor(fromMs / QUARTER_MS) * QUARTER_MS;
  while (at(beginMs - QUARTER_MS) === at(beginMs)) beginMs -= QUARTER_MS;
  const intervals: Interval[] = [];
  while (beginMs < toMs) {
    const own = at(beginMs);
    let endMs = beginMs + QUARTER_MS;
    while (at(endMs) === own) endMs += QUARTER_MS;
    intervals.push({ fromMs: beginMs, toMs: endMs });
    beginMs = endMs;
  }
  return intervals;
}

/** What is the same in all quarters of an interval, and another in its neighbours. */
const LABELS: Readonly<Record<IntervalKind, (localMs: number, offsetMs: number) => string>> = {
  '15min': (localMs, offsetMs) => `${Math.floor(localMs / QUARTER_MS)} ${offsetMs}`,
  'hour': (localMs, offsetMs) => `${Math.floor(localMs / HOUR_MS)} ${offsetMs}`,
  'day': (localMs) => String(Math.floor(localMs / DAY_MS)),
  'month': (localMs) => new Date(localMs).toISOString().slice(0, 7),
};
