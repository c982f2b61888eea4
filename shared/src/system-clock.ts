import { randomBytes, randomFillSync } from 'node:crypto';
import type { Clock, ClockQuality, Random, Timers } from './clock.js';

/**
 * The clocks of this machine. The monotonic one is CLOCK_MONOTONIC, which every process of one boot shares.
 * @param quality asked at each reading; how the wall clock is believed.
 */
export function systemClock(quality: () => ClockQuality = () => 'synchronised'): Clock {
  return {
    now() {
      const [seconds, nanoseconds] = process.hrtime();
      return { monoMs: seconds * 1000 + Math.floor(nanoseconds / 1e6), wallMs: Date.now(), quality: quality() };
    },
  };
}

/** The timers of this process. A pending timer keeps the process alive. */
export const systemTimers: Timers = {
  after(delayMs, run) {
    const handle = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};

const POOL_BYTES = 4096;
const pool = new Uint8Array(POOL_BYTES);
let drawn = POOL_BYTES;

/** The random numbers of the operating system, asked for many at a time. None is given twice or kept. */
export const systemRandom: Random = {
  bytes(length) {
    if (length > POOL_BYTES) return new Uint8Array(randomBytes(length));
    if (drawn + length > POOL_BYTES) {
      randomFillSync(pool);
      drawn = 0;
    }
    const bytes = pool.slice(drawn, drawn + length);
    pool.fill(0, drawn, drawn + length);
    drawn += length;
    return bytes;
  },
};
