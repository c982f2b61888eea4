import type { Clock } from '@farola/shared';
import type { UptimeStore } from './uptime-store.js';

/** What dropping works with. */
export interface OldRoundsDeps {
  readonly store: Pick<UptimeStore, 'dropEnded'>;
  readonly clock: Clock;
  /** How many past calendar months are kept beside the present one. */
  readonly keepMonths: number;
}

/** After the start a clock that is wrong is put right before it can drop anything, ms. */
const FIRST_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** LCUs that are gone through at one look: it keeps polls waiting for a few milliseconds at the most. */
const LCUS_AT_ONCE = 50;

/** Drops what rounds came to long ago, once a day by the monotonic clock, an LCU after the other. */
export class OldRounds {
  readonly #deps: OldRoundsDeps;
  #nextMonoMs: number;
  /** How far the present pass is; undefined between two. */
  #pass: { readonly beforeMs: number; afterLcuNo: number } | undefined;

  constructor(deps: OldRoundsDeps) {
    this.#deps = deps;
    this.#nextMonoMs = deps.clock.now().monoMs + FIRST_MS;
  }

  /** Call it each second. @throws FarolaError of the store; the next call goes on where this one ended */
  look(): void {
    const { store, clock, keepMonths } = this.#deps;
    const { monoMs, wallMs } = clock.now();
    if (!this.#pass && monoMs < this.#nextMonoMs) return;
    this.#pass ??= { beforeMs: firstKept(wallMs, keepMonths), afterLcuNo: -1 };
    const last = store.dropEnded(this.#pass.beforeMs, this.#pass.afterLcuNo, LCUS_AT_ONCE);
    if (last !== undefined) {
      this.#pass.afterLcuNo = last;
      return;
    }
    this.#pass = undefined;
    this.#nextMonoMs = monoMs + DAY_MS;
  }
}

/** Begin of the first month that is kept, in UTC, wall time in ms. */
export function firstKept(wallMs: number, keepMonths: number): number {
  const now = new Date(wallMs);
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - keepMonths, 1);
}
