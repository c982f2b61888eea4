/** Periods that an agent can have, seconds: the divisors of an hour (agent configuration, `sampleSeconds`). */
const PERIODS_S = Array.from({ length: 3600 }, (_, i) => i + 1).filter((seconds) => 3600 % seconds === 0);

/** Steps that must agree before a period is believed: the first sample of a run comes at any time. */
const AGREEING = 2;

/**
 * The period that the time between samples shows, seconds: the step that comes most often, the shorter of two. Samples
 * are lost by the minute and readings may be slow, so that neither mean nor shortest step would tell. Null when no two
 * steps agree.
 * @param stepsMs time from one sample to the next, ms
 */
export function samplingPeriod(stepsMs: readonly number[]): number | null {
  const counts = new Map<number, number>();
  for (const step of stepsMs) {
    const period = nearestPeriod(step / 1000);
    counts.set(period, (counts.get(period) ?? 0) + 1);
  }
  let best: readonly [period: number, count: number] | undefined;
  for (const [period, count] of [...counts].sort(([a], [b]) => a - b)) {
    if (count >= AGREEING && count > (best?.[1] ?? 0)) best = [period, count];
  }
  return best?.[0] ?? null;
}

function nearestPeriod(seconds: number): number {
  return PERIODS_S.reduce((near, period) => (Math.abs(period - seconds) < Math.abs(near - seconds) ? period : near));
}
