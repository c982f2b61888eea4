import type { Random } from '../clock.js';

/** Bounds of the wait between two tries, ms. */
export interface BackOff {
  readonly minMs: number;
  readonly maxMs: number;
}

/** Longest wait after so many tries in a row that came to nothing, ms: it doubles with each. */
export function backOffMs({ minMs, maxMs }: BackOff, failures: number): number {
  return Math.min(maxMs, minMs * 2 ** Math.min(failures, 30));
}

/**
 * A part of one, from 0 up to but not 1. Full jitter waits that part of the longest wait, which spreads a fleet that was
 * cut off at once (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 */
export function randomPart(random: Random): number {
  return Buffer.from(random.bytes(4)).readUInt32LE() / 2 ** 32;
}
