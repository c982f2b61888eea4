import { ERRORS, type ErrorCode, type Random } from '@farola/shared';

/** Bounds of the wait between two dials, ms. */
export interface RedialBounds {
  readonly minMs: number;
  readonly maxMs: number;
}

/** Longest wait after a close in order: a fleet whose collector was restarted comes back within this time, ms. */
const ORDERLY_WAIT_MS = 30_000;

/**
 * How long to wait before the next dial: full jitter, which spreads the LCUs of a collector that was restarted
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/). The bound doubles with each failure.
 */
export class Redial {
  readonly #bounds: RedialBounds;
  readonly #random: Random;
  #failures = 0;

  constructor(bounds: RedialBounds, random: Random) {
    this.#bounds = bounds;
    this.#random = random;
  }

  /** A poll was answered: the next loss of the connection begins with the shortest wait. */
  reset(): void {
    this.#failures = 0;
  }

  /**
   * The wait before the next dial, ms.
   * @param reason what ended the connection. A refusal that a person must lift waits in the upper half of the bounds.
   * @param orderly whether the collector closed the connection by itself, as all connections of a fleet at once
   */
  nextDelayMs(reason: string, orderly = false): number {
    const { minMs, maxMs } = this.#bounds;
    const slow = isRefusal(reason);
    const backOff = Math.min(maxMs, minMs * 2 ** Math.min(this.#failures, 30));
    const bound = orderly ? Math.max(backOff, Math.min(ORDERLY_WAIT_MS, maxMs / 2)) : backOff;
    this.#failures++;
    const part = Buffer.from(this.#random.bytes(4)).readUInt32LE() / 2 ** 32;
    return Math.round(slow ? maxMs / 2 + (part * maxMs) / 2 : part * bound);
  }
}

const WAITS_FOR_A_PERSON: ReadonlySet<string> = new Set(['lcu-pending', 'pin-mismatch', 'certificate-invalid']);

function isRefusal(reason: string): boolean {
  if (WAITS_FOR_A_PERSON.has(reason)) return true;
  return Object.hasOwn(ERRORS, reason) && ERRORS[reason as ErrorCode].retry === 'never';
}
