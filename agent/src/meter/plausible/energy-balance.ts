/** The counter against the power of a stretch of time. */
export type Balance = 'agrees' | 'disagrees' | 'not-yet';

const MS_OF_HOUR = 3_600_000;
/** Class 1 of power and of energy, the phase angle at small loads, and a counter that is brought up to date once in a minute. */
const SHARE = 0.1;
/** A stretch has so many samples of the power at the least, so that lamps switched between two of them even out. */
const LEAST_INTERVALS = 10;
/** The balance says that they agree when no more than this share of the energy could hide. */
const MAY_HIDE = 0.25;
/** A stretch that says nothing is given up after so long, ms: lamps are off, or the counter is coarse. */
const LONGEST_MS = 6 * MS_OF_HOUR;
/** Between samples of the power more than so many periods apart anything may have been drawn. */
const GAP_PERIODS = 2.5;

/**
 * Holds a counter against the integral of the power by trapezoids, from one stretch of time to the next. Between two samples of the power
 * the load may have been switched at any moment: half the difference is uncertain; and twice a stretch it may have been switched and
 * back unseen, by as much as is seen of it otherwise. Power and counter may be of different readings at different periods.
 */
export class EnergyBalance {
  readonly #unseenWatts: number;
  #powerMs = NaN;
  #gapMs = 0;
  #low = NaN;
  #high = NaN;
  /** Of the stretch: Wh at the least and at the most, what is uncertain of them, and the power's bounds and longest interval. */
  #lowWh = 0;
  #highWh = 0;
  #unsureWh = 0;
  #leastW = 0;
  #mostW = 0;
  #longestMs = 0;
  #intervals = 0;
  #fromMs = NaN;
  #fromWh = NaN;
  #fromSpreadMs = 0;

  /** @param unseenWatts what may be drawn without showing, W */
  constructor(unseenWatts: number) {
    this.#unseenWatts = unseenWatts;
  }

  /** Begins anew with the next sample of the counter. */
  forget(): void {
    this.#fromMs = NaN;
  }

  /**
   * Takes the power in: no less than `low` and no more than `high`, W.
   * @param periodMs from sample to sample
   */
  power(low: number, high: number, atMs: number, periodMs: number): void {
    const ms = atMs - this.#powerMs;
    this.#gapMs = GAP_PERIODS * periodMs;
    if (ms > this.#gapMs) this.forget();
    else if (ms > 0) this.#interval(low, high, ms);
    this.#powerMs = atMs;
    this.#low = low;
    this.#high = high;
  }

  /**
   * Takes the counter in, and judges the stretch when it can.
   * @param step resolution of the counter, Wh
   * @param spreadMs by how much a part of it is older, where it is of several
   */
  counter(wh: number, step: number, atMs: number, spreadMs = 0): Balance {
    const tailMs = atMs - this.#powerMs;
    if (!(tailMs <= this.#gapMs)) {
      this.forget();
      return 'not-yet';
    }
    if (Number.isNaN(this.#fromMs)) {
      this.#begin(wh, atMs, tailMs, spreadMs);
      return 'not-yet';
    }
    if (this.#intervals < LEAST_INTERVALS) return 'not-yet';
    const counted = wh - this.#fromWh;
    const low = this.#lowWh + wattHours(this.#low, tailMs);
    const high = this.#highWh + wattHours(this.#high, tailMs);
    const switched = 2 * wattHours(this.#mostW - this.#leastW, this.#longestMs);
    const unseen = wattHours(this.#unseenWatts, atMs - this.#fromMs);
    const meanwhile = wattHours(Math.max(-this.#leastW, this.#mostW), this.#fromSpreadMs + spreadMs);
    const hidden = 2 * step + this.#unsureWh + switched + unseen + meanwhile;
    const larger = Math.max(counted, high);
    const mayBeOff = hidden + SHARE * larger;
    if (counted < low - mayBeOff || counted > high + mayBeOff) {
      this.#begin(wh, atMs, tailMs, spreadMs);
      return 'disagrees';
    }
    if (hidden <= MAY_HIDE * larger) {
      this.#begin(wh, atMs, tailMs, spreadMs);
      return 'agrees';
    }
    if (atMs - this.#fromMs > LONGEST_MS) this.#begin(wh, atMs, tailMs, spreadMs);
    return 'not-yet';
  }

  #interval(low: number, high: number, ms: number): void {
    this.#lowWh += wattHours((low + this.#low) / 2, ms);
    this.#highWh += wattHours((high + this.#high) / 2, ms);
    this.#unsureWh += wattHours(Math.max(Math.abs(low - this.#low), Math.abs(high - this.#high)) / 2, ms);
    this.#leastW = Math.min(this.#leastW, low);
    this.#mostW = Math.max(this.#mostW, high);
    this.#longestMs = Math.max(this.#longestMs, ms);
    this.#intervals++;
  }

  /** From here on; what the newest power drew until now is of the stretch before. */
  #begin(wh: number, atMs: number, tailMs: number, spreadMs: number): void {
    this.#fromMs = atMs;
    this.#fromWh = wh;
    this.#fromSpreadMs = spreadMs;
    this.#lowWh = -wattHours(this.#low, tailMs);
    this.#highWh = -wattHours(this.#high, tailMs);
    this.#unsureWh = 0;
    this.#leastW = this.#low;
    this.#mostW = this.#high;
    this.#longestMs = 0;
    this.#intervals = 0;
  }
}

/** Energy of a power over a time. */
export function wattHours(watts: number, ms: number): number {
  return (watts * ms) / MS_OF_HOUR;
}
