import { FarolaError } from '@farola/shared';
import { QUARTER_MS } from './quarter.js';

const DAY_MS = 86_400_000;
/** Names as the IANA database has them: no `+02:00`, which some versions take. */
const ZONE_NAME = /^[A-Za-z][A-Za-z0-9_+\-/]*$/;
/** A winter and a summer day at which a zone's offset is looked at. */
const PROBES_MS = [Date.UTC(2026, 0, 15), Date.UTC(2026, 6, 15)];

/** Whether this is the name of a time zone that the platform knows, a whole number of quarters from UTC. */
export function isTimeZone(name: string): boolean {
  if (!ZONE_NAME.test(name)) return false;
  try {
    const clock = new ZoneClock(name);
    return PROBES_MS.every((ms) => clock.offsetAt(ms) % QUARTER_MS === 0);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** The wall clocks of one time zone, by the platform's copy of the IANA database. */
export class ZoneClock {
  readonly zone: string;
  readonly #format: Intl.DateTimeFormat;
  /** Offset of UTC days that have one only; null for those that have two. */
  readonly #days = new Map<number, number | null>();

  /** @param zone name of the IANA database; RangeError when the platform does not know it */
  constructor(zone: string) {
    this.zone = zone;
    const all = {
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    } as const;
    this.#format = new Intl.DateTimeFormat('en-US', {
      ...all,
      timeZone: zone,
      hourCycle: 'h23',
      calendar: 'gregory',
      era: 'short',
    });
  }

  /** How far local time is ahead of UTC at a moment, ms. */
  offsetAt(atMs: number): number {
    const day = Math.floor(atMs / DAY_MS);
    let offset = this.#days.get(day);
    if (offset === undefined) {
      const begin = this.#ask(day * DAY_MS);
      offset = begin === this.#ask((day + 1) * DAY_MS) ? begin : null;
      this.#days.set(day, offset);
    }
    return offset ?? this.#ask(atMs);
  }

  /** Local time of a moment as if it were UTC, ms: what calendars are reckoned with. */
  localMs(atMs: number): number {
    return atMs + this.offsetAt(atMs);
  }

  /** The first moment of a local day. @param dateMs midnight of that date as if it were UTC, ms */
  beginOfDay(dateMs: number): number {
    let atMs = dateMs - this.offsetAt(dateMs) - DAY_MS / 2;
    while (this.localMs(atMs) < dateMs) atMs += QUARTER_MS;
    return atMs;
  }

  /** `2026-03-29T03:00+02:00`, seconds where there are any, or where they are asked. */
  write(atMs: number, seconds = false): string {
    const offset = this.offsetAt(atMs);
    const text = new Date(atMs + offset).toISOString();
    const minutes = Math.round(Math.abs(offset) / 60_000);
    const sign = offset < 0 ? '-' : '+';
    const zone = `${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
    return text.slice(0, !seconds && text.slice(17, 19) === '00' ? 16 : 19) + zone;
  }

  #ask(atMs: number): number {
    const seconds = Math.floor(atMs / 1000) * 1000;
    const parts = new Map(this.#format.formatToParts(seconds).map(({ type, value }) => [type, value]));
    const of = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
    return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second')) - seconds;
  }
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** A name as it is kept: the platform takes any case, and knows one. Error: `time-zone-unknown`. */
export function zoneName(name: string): string {
  if (!isTimeZone(name)) throw new FarolaError('time-zone-unknown', { zone: name });
  const { timeZone } = new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions();
  // A name of before, such as Europe/Kiev, stays the one that was asked for.
  return timeZone.toLowerCase() === name.toLowerCase() ? timeZone : name;
}

/** The clock of a zone that someone named. Error: `time-zone-unknown`. */
export function zoneClock(zone: string): ZoneClock {
  if (!isTimeZone(zone)) throw new FarolaError('time-zone-unknown', { zone });
  return new ZoneClock(zone);
}
