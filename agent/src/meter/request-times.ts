import type { Clock, Instant, OffsetRun } from '@farola/shared';
import { offsetRuns } from './offset-runs.js';

/** When the requests of one reading were put on the line, and which values each of them gave. */
export class RequestTimes {
  readonly #clock: Clock;
  readonly #begun: Instant;
  readonly #askedMs = new Map<number, number>();
  #first: Instant | undefined;
  #lastMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#begun = clock.now();
  }

  /** A request is put on the line now. */
  readonly sent = (): void => {
    const now = this.#clock.now();
    this.#first ??= now;
    this.#lastMs = now.monoMs;
  };

  /** The request that was sent last gave these rows their values. */
  gave(rows: readonly number[]): void {
    for (const row of rows) this.#askedMs.set(row, this.#lastMs);
  }

  /** When the first was sent; when the reading was asked for, as long as none was. */
  get startedAt(): Instant {
    return this.#first ?? this.#begun;
  }

  /** Until now, ms. */
  get spanMs(): number {
    return this.#clock.now().monoMs - this.startedAt.monoMs;
  }

  /** By runs over these rows. */
  offsets(rows: readonly number[]): OffsetRun[] {
    const { monoMs } = this.startedAt;
    return offsetRuns(
      rows.map((row) => {
        const ms = this.#askedMs.get(row);
        return ms === undefined ? undefined : ms - monoMs;
      }),
    );
  }
}
