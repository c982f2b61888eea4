import type { Clock } from '@farola/shared';
import type { Log } from '../log/log.js';
import type { AgeLosses } from './age-losses.js';

/** What the watch works with. */
export interface WallClockWatchDeps {
  readonly clock: Clock;
  readonly losses: Pick<AgeLosses, 'lose' | 'newestMs'>;
  readonly log: Pick<Log, 'warn'>;
}

/** A wall clock that goes back by less makes a value younger by less: of two rounds, after which it is stale, that is nothing. ms */
const TOLERANCE_MS = 5_000;
/** Within this an answer that was received before a step is stored, ms: the longest deadline. */
const ON_THE_WAY_MS = 60_000;

/**
 * Notices that the wall clock of the collector went back, by which ages of latest values are reckoned. A value that was received
 * before looks younger from then on than it is, or of the future, and in the end young again: it loses its age for ever. A clock
 * that goes forward makes values older than they are, and needs nothing.
 */
export class WallClockWatch {
  readonly #deps: WallClockWatchDeps;
  /** The most that the wall clock was ahead of the monotonic clock since ages were lost, ms. */
  #aheadMs: number;
  /** Monotonic time up to which answers of before a step may still be stored. */
  #untilMonoMs = -Infinity;

  constructor(deps: WallClockWatchDeps) {
    this.#deps = deps;
    this.#aheadMs = aheadMs(deps.clock);
  }

  /**
   * At the start no monotonic clock tells of before: the clock went back when something was received in the future. Call it
   * when derived state was brought up to the ledger. Throws what the port throws.
   */
  start(): void {
    const { clock, losses } = this.#deps;
    const backMs = (losses.newestMs() ?? -Infinity) - clock.now().wallMs;
    if (backMs > TOLERANCE_MS) this.#wentBack(backMs);
  }

  /** Call it each second, after what waited for derived state was written. Throws what the port throws; the next call mends it. */
  look(): void {
    const { clock, losses } = this.#deps;
    const nowMs = aheadMs(clock);
    const { monoMs, wallMs } = clock.now();
    if (this.#aheadMs - nowMs > TOLERANCE_MS) {
      this.#wentBack(this.#aheadMs - nowMs);
      this.#aheadMs = nowMs;
      this.#untilMonoMs = monoMs + ON_THE_WAY_MS;
    } else {
      this.#aheadMs = Math.max(this.#aheadMs, nowMs);
      if (monoMs < this.#untilMonoMs) losses.lose(wallMs);
    }
  }

  #wentBack(backMs: number): void {
    const values = this.#deps.losses.lose();
    this.#deps.log.warn({ backMs, values }, 'wall clock went back: ages of latest values are not known until they are replaced');
  }
}

function aheadMs(clock: Clock): number {
  const { wallMs, monoMs } = clock.now();
  return wallMs - monoMs;
}
