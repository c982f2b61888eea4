import { sameBytes } from '@farola/shared';
import { QUARTER_MS } from './quarter.js';
import type { QuarterSummary } from './quarter-summary.js';
import { samplingPeriod } from './sampling-period.js';

/** A quarter with its summary. */
export interface StoredQuarter {
  readonly quarter: number;
  readonly summary: QuarterSummary;
}

/**
 * How many samples are expected in each quarter: its length by the period that its own samples show, else that of the
 * last quarter before which shows one, else of the first behind. LCUs do not tell their period; they record each
 * reading that they tried, also one that failed, so that the time between samples shows it. Gives undefined for every
 * quarter when nothing shows a period.
 * @param quarters in time
 * @returns samples expected in a quarter, up to `nowMs`; a part of one where the period is longer
 */
export function expectedSamples(quarters: readonly StoredQuarter[], nowMs: number): (quarter: number) => number | undefined {
  const told = quarters.flatMap(({ quarter, summary: { periodS } }) => (periodS === null ? [] : [{ quarter, periodS }]));
  const across = told.length > 0 ? null : samplingPeriod(stepsAcross(quarters));
  let next = 0;
  let asked = -Infinity;
  return (quarter) => {
    if (quarter < asked) next = 0;
    asked = quarter;
    while (next < told.length && (told[next] as { quarter: number }).quarter <= quarter) next++;
    const periodS = told[Math.max(0, next - 1)]?.periodS ?? across;
    if (periodS === null) return undefined;
    const lengthMs = Math.min(QUARTER_MS, nowMs - quarter * QUARTER_MS);
    return Math.max(0, lengthMs / (periodS * 1000));
  };
}

/** Times between the first samples of quarters that follow each other, ms: periods so long that a quarter shows none. */
function stepsAcross(quarters: readonly StoredQuarter[]): number[] {
  const firsts = quarters.flatMap(({ summary }) => summary.counters[0]?.first.at ?? []);
  return firsts.slice(1).flatMap((at, i) => {
    const before = firsts[i];
    return before && sameBytes(before.epoch, at.epoch) ? [at.takenAtMs - before.takenAtMs] : [];
  });
}
