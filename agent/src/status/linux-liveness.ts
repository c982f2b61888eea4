import { readProcess } from './linux-process.js';

/** How often a run gives a sign of life, ms. */
export const BEAT_MS = 10_000;
/** After so long without one it is not taken to be alive, ms: a commit to a slow card takes some of that. */
const SILENT_MS = 60_000;
/** States of a process that a signal or a debugger holds, proc_pid_stat(5). */
const STOPPED: ReadonlySet<string> = new Set(['T', 't']);

/** Whether an agent whose process is there gives signs of life. */
export interface Liveness {
  /** Since its last sign of life, ms; null where it told none. */
  readonly silentMs: number | null;
  /** Why it does not answer, in words; undefined while it is taken to be alive. */
  readonly hung: string | undefined;
}

/**
 * How alive an agent is.
 * @param pid of a process that is there
 * @param aliveMonoMs its last sign of life by CLOCK_MONOTONIC, ms; undefined of a version that tells none
 * @param nowMonoMs by the same clock
 */
export function livenessOf(pid: number, aliveMonoMs: number | undefined, nowMonoMs: number): Liveness {
  const sinceMs = aliveMonoMs === undefined ? -1 : nowMonoMs - aliveMonoMs;
  // Below 0 it is of another boot, and says nothing.
  const silentMs = sinceMs < 0 ? null : sinceMs;
  if (STOPPED.has(readProcess(pid)?.state ?? '')) return { silentMs, hung: 'it is stopped, by a signal or a debugger' };
  if (silentMs === null || silentMs <= SILENT_MS) return { silentMs, hung: undefined };
  return { silentMs, hung: `it has given no sign of life for ${Math.round(silentMs / 1_000)} s` };
}
