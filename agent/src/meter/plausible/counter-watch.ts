import type { SampleValue } from '@farola/shared';
import { type CounterFacts, type CounterFlag, judgeCounter } from './counter-rule.js';

/** A counter as one sample showed it. */
export interface CounterPoint {
  /** As it is kept. */
  readonly shown: SampleValue;
  /** In its unit. */
  readonly value: number;
  /** On the monotonic clock of this run, ms; NaN when that is not known. */
  readonly atMs: number;
}

/** What is said of one sample of a counter. */
export interface CounterFinding {
  readonly flag: CounterFlag | 'meter-exchanged';
  /** The value before; what is to be told as an event, which is not each time. */
  readonly told: SampleValue | undefined;
}

/** A counter that stays at 0 so often and so long was reset: a glitch is shorter. */
const ZEROS = 3;
const ZEROS_MS = 120_000;
/** The same of the same counter is told once in an hour: a profile that is wrong makes it jump with each sample. */
const TOLD_AGAIN_MS = 3_600_000;
/** From one sample to the next an analyser may have been without power if as many periods went by. */
const CUT_PERIODS = 1.5;

/**
 * Follows one counter. What is not plausible is marked, and waits as suspect beside the last good value: the next sample goes on from
 * one of them. So one sample of 0, or of anything else, between two good ones leaves no second mark.
 */
export class CounterWatch {
  readonly #facts: CounterFacts;
  readonly #toldMs = new Map<CounterFlag, number>();
  #good: CounterPoint | undefined;
  #suspect: CounterPoint | undefined;
  /** Why it is suspect. */
  #because: CounterFlag | undefined;
  #zeros = 0;
  #isExchanged = false;

  constructor(facts: CounterFacts) {
    this.#facts = facts;
  }

  /** Goes on from a value of an earlier run, unless a newer one was recalled. */
  recall(point: CounterPoint): void {
    if (!this.#isExchanged) this.#good ??= point;
  }

  /** Another device has been in its place since an earlier run, unless a value that is newer was recalled. */
  wasExchanged(): void {
    if (!this.#good) this.#isExchanged = true;
  }

  /** Another device is in its place: the next value is the first of another counter. */
  exchanged(): void {
    this.#isExchanged = true;
  }

  /**
   * Takes the next value.
   * @param step resolution of the counter at this value, in its unit
   * @param periodMs from sample to sample
   */
  take(now: CounterPoint, step: number, periodMs: number): CounterFinding | undefined {
    if (this.#isExchanged) {
      this.#isExchanged = false;
      this.#accept(now);
      return { flag: 'meter-exchanged', told: undefined };
    }
    const good = this.#good;
    if (!good) {
      this.#good = now;
      return undefined;
    }
    const judge = (from: CounterPoint): CounterFlag | undefined => {
      const ms = now.atMs - from.atMs;
      return judgeCounter(
        { before: from.value, now: now.value, ms, afterCut: !(ms <= CUT_PERIODS * periodMs), step },
        this.#facts,
      );
    };
    const flag = this.#suspect ? this.#afterSuspect(good, this.#suspect, now, judge) : judge(good);
    if (flag === undefined) {
      this.#accept(now);
      return undefined;
    }
    const told = flag === 'counter-zero' && this.#zeros > 0 ? undefined : this.#once(flag, this.#cameFrom(flag, good), now);
    if (flag === 'counter-rolled-over') this.#accept(now);
    else this.#hold(flag, now);
    return { flag, told };
  }

  /** Whether it goes on from the good value, or from the suspect one: first from the higher of them that is not above it. */
  #afterSuspect(
    good: CounterPoint,
    suspect: CounterPoint,
    now: CounterPoint,
    judge: (from: CounterPoint) => CounterFlag | undefined,
  ): CounterFlag | undefined {
    if (this.#because === 'counter-zero') return this.#afterZero(good, suspect, now, judge);
    const [first, second] = suspect.value > good.value ? [suspect, good] : [good, suspect];
    const flag = judge(first);
    return flag === undefined || judge(second) === undefined ? undefined : judge(good);
  }

  #afterZero(
    good: CounterPoint,
    zero: CounterPoint,
    now: CounterPoint,
    judge: (from: CounterPoint) => CounterFlag | undefined,
  ): CounterFlag | undefined {
    if (now.value >= good.value) return judge(good);
    if (now.value > 0) return judge(zero) === undefined ? 'counter-reset' : judge(good);
    return this.#zeros >= ZEROS - 1 && !(now.atMs - zero.atMs < ZEROS_MS) ? 'counter-reset' : 'counter-zero';
  }

  /** What does the same again does it from where it did so first. */
  #cameFrom(flag: CounterFlag, good: CounterPoint): CounterPoint {
    return this.#because === flag && this.#suspect ? this.#suspect : good;
  }

  #accept(now: CounterPoint): void {
    this.#good = now;
    this.#suspect = undefined;
    this.#because = undefined;
    this.#zeros = 0;
  }

  /** A reset after zeros is a new begin; everything else waits. What comes twice in a row goes on from where it came first. */
  #hold(flag: CounterFlag, now: CounterPoint): void {
    if (flag === 'counter-reset' && this.#because === 'counter-zero') return this.#accept(now);
    if (flag === 'counter-zero') {
      this.#zeros++;
      if (this.#because === flag) return;
    } else {
      this.#zeros = 0;
      if (this.#because === flag) this.#good = this.#suspect;
    }
    this.#suspect = now;
    this.#because = flag;
  }

  #once(flag: CounterFlag, before: CounterPoint, now: CounterPoint): SampleValue | undefined {
    const toldMs = this.#toldMs.get(flag);
    if (toldMs !== undefined && now.atMs - toldMs < TOLD_AGAIN_MS) return undefined;
    this.#toldMs.set(flag, now.atMs);
    return before.shown;
  }
}
