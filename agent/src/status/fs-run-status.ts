import { systemClock } from '@farola/shared';
import { readStatusFile } from './fs-publish-status.js';
import { type Liveness, livenessOf } from './linux-liveness.js';
import { isThere } from './linux-process.js';
import { type RunStatus, runStatusSchema, type StartingRun, startingSchema } from './run-status.js';
import { anyRunStatusSchema, type ForeignRun } from './run-teller.js';

/** What runs: an agent whose status can be read whole, one that has not begun to measure, or one of another version. */
export type Running =
  | { readonly status: RunStatus; readonly liveness: Liveness }
  | { readonly starting: StartingRun }
  | { readonly foreign: ForeignRun };

/**
 * What the agent that runs now tells of itself, and whether it is alive; undefined when none runs, or when what is there is no status.
 * @param monoMs the time now, CLOCK_MONOTONIC
 * @throws FarolaError `permission-denied`, `path-unusable`, `disk-failure` when the status is there, or may be, and cannot be read
 */
export function readRunning(runDir: string, monoMs: number): Running | undefined {
  const told = readStatusFile(runDir);
  const any = anyRunStatusSchema.safeParse(told);
  if (!any.success || !isThere(any.data.pid, any.data.birth)) return undefined;
  const whole = runStatusSchema.safeParse(told);
  if (whole.success) return { status: whole.data, liveness: livenessOf(whole.data.pid, whole.data.aliveMonoMs, monoMs) };
  const starting = startingSchema.safeParse(told);
  return starting.success ? { starting: starting.data } : { foreign: any.data };
}

/** The status of the agent that runs now; undefined when none of this version measures. @throws as `readRunning` */
export function readRunStatus(runDir: string): RunStatus | undefined {
  const running = readRunning(runDir, systemClock().now().monoMs);
  return running && 'status' in running ? running.status : undefined;
}
