import type { Interval } from './intervals.js';
import { QUARTER_MS } from './quarter.js';
import type { PeriodSpell } from './quarter-periods.js';
import type { QuarterSummary } from './quarter-summary.js';

/** A quarter with its summary. */
export interface StoredQuarter {
  readonly quarter: number;
  readonly summary: QuarterSummary;
}

const NOT_ASKED: readonly PeriodSpell[] = [{ fromMs: 0, periodS: null }];

/**
 * How many samples of a quantity are expected in each quarter: its length by the period that the rows of the analyser had in it. A
 * quarter without samples has the period with which the last one before ended, else that with which the first behind begins.
 * @param quarters in time, one at the least
 * @param notAsked when no LCU is to measure there: nothing is expected from its begin on, in the quarter of the last samples and behind
 * it. What has samples is asked, whatever tables say: the clock that dates these may have been wrong.
 * @returns samples expected in a quarter, up to `nowMs`; a part of one where the period is longer
 */
export function expectedSamples(
  quarters: readonly StoredQuarter[],
  quantity: number,
  nowMs: number,
  notAsked: readonly Interval[] = [],
): (quarter: number) => number {
  const told = quarters.map(({ quarter, summary }) => {
    return { quarter, spells: summary.periods.find((of) => of.quantity === quantity)?.spells ?? NOT_ASKED };
  });
  let next = 0;
  let asked = -Infinity;
  return (quarter) => {
    if (quarter < asked) next = 0;
    asked = quarter;
    while (next < told.length && (told[next] as { quarter: number }).quarter <= quarter) next++;
    const near = told[Math.max(0, next - 1)];
    if (!near) return 0;
    const span = { fromMs: quarter * QUARTER_MS, toMs: Math.min((quarter + 1) * QUARTER_MS, nowMs) };
    if (near.quarter > quarter) return expectedIn(near.spells.slice(0, 1), span);
    const spells = near.quarter === quarter ? near.spells : near.spells.slice(-1);
    return notAsked
      .filter(({ fromMs }) => fromMs >= near.quarter * QUARTER_MS)
      .map(({ fromMs, toMs }) => ({ fromMs: Math.max(fromMs, span.fromMs), toMs: Math.min(toMs, span.toMs) }))
      .reduce((expected, none) => expected - expectedIn(spells, none), expectedIn(spells, span));
  };
}

function expectedIn(spells: readonly PeriodSpell[], span: { readonly fromMs: number; readonly toMs: number }): number {
  let expected = 0;
  for (const [i, { fromMs, periodS }] of spells.entries()) {
    const begin = i === 0 ? span.fromMs : Math.max(span.fromMs, fromMs);
    const end = Math.min(span.toMs, spells[i + 1]?.fromMs ?? span.toMs);
    if (periodS !== null && end > begin) expected += (end - begin) / (periodS * 1000);
  }
  return expected;
}
