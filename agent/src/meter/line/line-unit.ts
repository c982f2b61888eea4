import { AnswerTime } from './answer-time.js';
import { zeroUnit } from './line-counters.js';
import type { UnitCounters } from './line-counters.js';
import type { UnitTiming } from './line-timing.js';

/** What a line knows of one unit: what it needs, how long it takes, and how its questions went. */
export class LineUnit {
  readonly minGapMs: number;
  readonly answerTime: AnswerTime;
  readonly counters: UnitCounters = zeroUnit();
  /** End of the last exchange with it, monotonic ms. */
  lastTrafficMs = -Infinity;

  /** @param lineMostMs longest time that the line gives to any analyser */
  constructor({ minGapMs, leastMs, mostMs = Infinity }: UnitTiming, lineMostMs: number) {
    const boundMs = Math.min(mostMs, lineMostMs);
    this.minGapMs = minGapMs;
    this.answerTime = new AnswerTime({ leastMs: Math.min(leastMs, boundMs), mostMs: boundMs });
  }

  /** What its answers usually take beside their bytes, as far as these are known, ms; undefined until that was learned. */
  get usualAnswerMs(): number | undefined {
    return this.answerTime.usualMs;
  }
}
