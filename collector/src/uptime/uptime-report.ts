import type { ErrorCode } from '@farola/shared';
import { duesWithin, endOf, type OutcomeRun, roundsWithin } from './outcome-run.js';

/** A span of time, ms since 1970 UTC; `toMs` is not in it. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What is asked of one LCU. */
export interface UptimeQuestion {
  readonly window: Span;
  /** Runs with rounds in the window, oldest first. */
  readonly runs: readonly OutcomeRun[];
  /** When it was in service: only then it is polled. They do not overlap. */
  readonly inService: readonly Span[];
  /** Length of a round now, ms. */
  readonly roundMs: number;
  /** Its place in a round, ms. */
  readonly offsetMs: number;
}

/** A time in which an LCU was down for one reason. */
export interface DownSpell {
  readonly code: ErrorCode;
  /** When it began, also before the window, ms since 1970 UTC. */
  readonly sinceMs: number;
  /** When the first round after it was due, also behind the window, ms since 1970 UTC. */
  readonly untilMs: number;
  /** Rounds of it in the window. */
  readonly rounds: number;
}

/** How an LCU was in a window, in rounds. */
export interface UptimeReport {
  /** Rounds with a verified answer. */
  readonly up: number;
  /** Rounds without. */
  readonly down: number;
  /** Rounds that the collector did not run in, or did not poll. */
  readonly unknown: number;
  /** Down time, oldest first. */
  readonly spells: readonly DownSpell[];
}

/** Counts the rounds of one LCU that were due in a window. */
export function reportUptime({ window, runs, inService, roundMs, offsetMs }: UptimeQuestion): UptimeReport {
  const spans = inService.map((span) => overlap(span, window));
  const within = (run: OutcomeRun): number => spans.reduce((sum, { fromMs, toMs }) => sum + roundsWithin(run, fromMs, toMs), 0);
  const counted = runs.map((run) => ({ run, rounds: within(run) })).filter(({ rounds }) => rounds > 0);
  const spells = counted.flatMap(({ run, rounds }) =>
    run.outcome === 'ok' ? [] : [{ code: run.outcome, sinceMs: run.fromMs, untilMs: endOf(run), rounds }],
  );
  const down = spells.reduce((sum, { rounds }) => sum + rounds, 0);
  const up = counted.reduce((sum, { rounds }) => sum + rounds, 0) - down;
  const gaps = spans.flatMap((span) => gapsOf(span, runs));
  const unknown = gaps.reduce((sum, { fromMs, toMs }) => sum + duesWithin(offsetMs, roundMs, fromMs, toMs), 0);
  return { up, down, unknown, spells };
}

/** Rounds down by reason, the most first. */
export function downReasons({ spells }: Pick<UptimeReport, 'spells'>): readonly Pick<DownSpell, 'code' | 'rounds'>[] {
  const counts = new Map<ErrorCode, number>();
  for (const { code, rounds } of spells) counts.set(code, (counts.get(code) ?? 0) + rounds);
  return [...counts]
    .map(([code, rounds]) => ({ code, rounds }))
    .sort((a, b) => b.rounds - a.rounds || a.code.localeCompare(b.code));
}

/** Share of the rounds that are known in which the LCU was up, in percent; null when none is known. Never rounded up. */
export function uptimePercent({ up, down }: UptimeReport): number | null {
  return percent(up, up + down);
}

/** Share of all rounds that are known, in percent; null when none was due. Never rounded up. */
export function coveragePercent({ up, down, unknown }: UptimeReport): number | null {
  return percent(up + down, up + down + unknown);
}

function percent(part: number, all: number): number | null {
  return all === 0 ? null : Math.floor((part * 100_000) / all) / 1_000;
}

function overlap(a: Span, b: Span): Span {
  return { fromMs: Math.max(a.fromMs, b.fromMs), toMs: Math.min(a.toMs, b.toMs) };
}

/** What of a span no run covers. */
function gapsOf({ fromMs, toMs }: Span, runs: readonly OutcomeRun[]): Span[] {
  const gaps: Span[] = [];
  let atMs = fromMs;
  for (const run of runs) {
    if (run.fromMs > atMs) gaps.push({ fromMs: atMs, toMs: Math.min(run.fromMs, toMs) });
    atMs = Math.max(atMs, endOf(run));
  }
  return [...gaps, { fromMs: atMs, toMs }].filter((gap) => gap.toMs > gap.fromMs);
}
