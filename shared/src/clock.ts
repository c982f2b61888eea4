/** How far a wall clock can be believed, as numbered on the wire (docs/protocol.md). */
export const CLOCK_QUALITY = {
  /** Never set since boot: the wall time is a guess and dates nothing. */
  none: 0,
  /** Was set earlier in this boot and has run free since. */
  held: 1,
  /** Disciplined by NTP or an equal source now. */
  synchronised: 2,
  /** Set from a battery-backed clock at boot. */
  rtc: 3,
} as const;

/** Name of a clock quality. */
export type ClockQuality = keyof typeof CLOCK_QUALITY;

/** How far an LCU's wall clock may differ from what the collector knows and still be believed, ms. */
export const CLOCK_TOLERANCE_MS = 300_000;

const QUALITY_NAMES: ReadonlyMap<number, ClockQuality> = new Map(
  (Object.keys(CLOCK_QUALITY) as ClockQuality[]).map((name) => [CLOCK_QUALITY[name], name]),
);

/** The name of a quality number; undefined when the number is not one of the table. */
export function clockQualityName(number: number): ClockQuality | undefined {
  return QUALITY_NAMES.get(number);
}

/** One reading of both clocks. */
export interface Instant {
  /** Milliseconds since boot, never going back within one boot. */
  readonly monoMs: number;
  /** Milliseconds since 1970-01-01 UTC, as the wall clock says. */
  readonly wallMs: number;
  readonly quality: ClockQuality;
}

/** Port: reads the clocks. Any number of callers; never throws. */
export interface Clock {
  now(): Instant;
}

/** A handle of a started timer. */
export interface Timer {
  cancel(): void;
}

/** Port: calls back later. Any number of callers. */
export interface Timers {
  /** Calls `run` once after `delayMs` milliseconds, unless cancelled. */
  after(delayMs: number, run: () => void): Timer;
}

/** Port: random bytes fit for keys and nonces. */
export interface Random {
  bytes(length: number): Uint8Array;
}

/** Waits `delayMs` milliseconds on the given timers; ends early, without error, when aborted. */
export function pause(timers: Timers, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = timers.after(delayMs, done);
    function done(): void {
      timer.cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    }
    signal?.addEventListener('abort', done, { once: true });
  });
}
