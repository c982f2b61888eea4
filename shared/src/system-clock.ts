import { randomBytes } from 'node:crypto';
import type { Clock, ClockQuality, Random, Timers } from './clock.js';

/**
 * The clocks of this machine. The monotonic one is CLOCK_MONOTONIC, which every process of one boot shares.
 * @param quality asked at each reading; how the wall clock is believed.
 */
export function systemClock(quality: () => ClockQuality = () => 'synchronised'): Clock {
  return {
    now: () => ({
      monoMs: Number(process.hrtime.bigint() / 1_000_000n),
      wallMs: Date.now(),
      quality: quality(),
    }),
  };
}

/** The timers of this process. A pending timer keeps the process alive. */
export const systemTimers: Timers = {
  after(delayMs, run) {
    const handle = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};

/** The random numbers of the operating system. */
export const systemRandom: Random = {
  bytes: (length) => new Uint8Array(randomBytes(length)),
};
