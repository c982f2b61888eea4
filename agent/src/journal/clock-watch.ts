import type { ClockEntry, Instant } from '@farola/shared';

/** A wall clock that moved by more than this against the monotonic one was stepped; NTP slews by at most 0.5 ms/s. */
const STEP_MS = 2_000;

/** Notices that the wall clock was stepped, or that it is believed otherwise than before. */
export class ClockWatch {
  #last: Instant;

  constructor(start: Instant) {
    this.#last = start;
  }

  /**
   * Hands over the entry of a change, if there was one.
   * @param record whether the entry could be kept; if not, the change is told again at the next look
   */
  look(now: Instant, record: (change: ClockEntry) => boolean): void {
    const last = this.#last;
    const expectedMs = Math.max(0, last.wallMs + now.monoMs - last.monoMs);
    const before = { monoMs: now.monoMs, wallMs: expectedMs, quality: last.quality };
    const asBefore = Math.abs(now.wallMs - expectedMs) <= STEP_MS && now.quality === last.quality;
    if (asBefore || record({ kind: 'clock', at: now, before })) this.#last = now;
  }
}
