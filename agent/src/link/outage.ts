import { type Clock, ERRORS, type FarolaError } from '@farola/shared';
import type { Log } from '../log/log.js';

/** How often a reason that lasts is told again as a warning, ms. */
const REMIND_MS = 3_600_000;
/** A collector that closes in order comes back within this time, ms; only beyond it that is a warning. */
const ORDERLY_MS = 300_000;
/** Reasons of one outage that are told apart: they come from the other side. */
const REASONS_LIMIT = 32;

/** Why there is no connection. */
export interface LinkEnd {
  /** A code of the error table where there is one. */
  readonly reason: string;
  /** Whether the collector closed the connection with a close frame, rather than the network or we. */
  readonly orderly: boolean;
  /** What failed, when it was a dial. */
  readonly error?: FarolaError | undefined;
  /** Whether the log has said why already, as of what we refuse. */
  readonly told?: boolean | undefined;
}

/**
 * Tells the log of a connection that is missing: a warning at the first time of each reason, and each hour that it lasts; each other
 * try is information. It is over when a poll was answered: a collector that greets and then refuses has not ended it.
 */
export class Outage {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #warnedMs = new Map<string, number>();
  #sinceMs: number | undefined;

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** A poll was answered. */
  over(): void {
    this.#sinceMs = undefined;
    this.#warnedMs.clear();
  }

  /** A connection ended, or was not made. @param waitMs until the next try; undefined where the collector dials */
  ended(end: LinkEnd, waitMs?: number): void {
    const nowMs = this.#clock.now().monoMs;
    this.#sinceMs ??= nowMs;
    const { reason, error } = end;
    const facts = {
      ...error?.facts,
      sinceS: Math.round((nowMs - this.#sinceMs) / 1_000),
      ...(waitMs === undefined ? {} : { waitMs }),
    };
    if (!this.#isDue(end, nowMs, nowMs - this.#sinceMs)) return this.#log.info({ reason, ...facts }, 'not connected');
    this.#warnedMs.set(reason, nowMs);
    if (error) this.#log.warn(error.code, facts);
    else this.#log.warn('link-down', { reason, ...facts });
  }

  #isDue({ reason, orderly, told }: LinkEnd, nowMs: number, forMs: number): boolean {
    const warnedMs = this.#warnedMs.get(reason);
    if (warnedMs !== undefined) return nowMs - warnedMs >= REMIND_MS;
    if (told || this.#warnedMs.size >= REASONS_LIMIT) return false;
    return !orderly || Object.hasOwn(ERRORS, reason) || forMs >= ORDERLY_MS;
  }
}
