import { type BackOff, backOffMs, ERRORS, type ErrorCode, type Random, randomPart } from '@farola/shared';

/** Longest wait after a close in order: a fleet whose collector was restarted comes back within this time, ms. */
const ORDERLY_WAIT_MS = 30_000;

/**
 * How long to wait before the next dial: full jitter, which spreads the LCUs of a collector that was restarted. The bound
 * doubles with each failure.
 */
export class Redial {
  readonly #bounds: BackOff;
  readonly #random: Random;
  #failures = 0;

  constructor(bounds: BackOff, random: Random) {
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
    const { maxMs } = this.#bounds;
    const slow = isRefusal(reason);
    const backOff = backOffMs(this.#bounds, this.#failures);
    const bound = orderly ? Math.max(backOff, Math.min(ORDERLY_WAIT_MS, maxMs / 2)) : backOff;
    this.#failures++;
    const part = randomPart(this.#random);
    return Math.round(slow ? maxMs / 2 + (part * maxMs) / 2 : part * bound);
  }
}

const WAITS_FOR_A_PERSON: ReadonlySet<string> = new Set(['lcu-pending', 'pin-mismatch', 'certificate-invalid']);

function isRefusal(reason: string): boolean {
  if (WAITS_FOR_A_PERSON.has(reason)) return true;
  return Object.hasOwn(ERRORS, reason) && ERRORS[reason as ErrorCode].retry === 'never';
}
