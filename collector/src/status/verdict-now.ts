import type { Verdict } from '../poll/poll-observer.js';
import { endOf } from '../uptime/outcome-run.js';
import type { LcuFacts } from './lcu-facts.js';

/** What the last poll of an LCU came to, or that there was none to send. Times are wall times, ms. */
export interface VerdictNow {
  readonly code: Verdict;
  readonly atMs: number;
  /** Since when it has been up, or down for whatever reasons, as far as the last day shows. */
  readonly sinceMs: number;
}

/**
 * Puts together what polls gave and what rounds came to: an LCU that is gone has no poll that says so, and one that is back
 * may have missed the round that goes on. Undefined when neither is known.
 */
export function verdictNow({ runs, contact }: Pick<LcuFacts, 'runs' | 'contact'>): VerdictNow | undefined {
  const last = runs.at(-1);
  const dueMs = last && endOf(last) - last.roundMs;
  const polled = contact && contact.lastAtMs > 0 ? contact : undefined;
  if (polled && (dueMs === undefined || polled.lastAtMs >= dueMs)) {
    const { verdict: code, lastAtMs: atMs } = polled;
    return { code, atMs, sinceMs: Math.min(atMs, beganMs(runs, code === 'ok') ?? atMs) };
  }
  if (!last || dueMs === undefined) return undefined;
  return { code: last.outcome, atMs: dueMs, sinceMs: beganMs(runs, last.outcome === 'ok') ?? dueMs };
}

/** When the runs began that came to good, or to no good, up to the last; undefined when the last did not. */
function beganMs(runs: LcuFacts['runs'], good: boolean): number | undefined {
  let began: number | undefined;
  for (const run of runs.toReversed()) {
    if ((run.outcome === 'ok') !== good) return began;
    began = run.fromMs;
  }
  return began;
}
