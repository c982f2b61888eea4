import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@farola/shared';
import { type Liveness, livenessOf } from './linux-liveness.js';
import { anyRunStatusSchema, type ForeignRun, type PublishStatus, type RunStatus, runStatusSchema } from './run-status.js';

const FILE = 'status.json';

/** Writes the status to `status.json` in the run folder: the old or the new one is there at any moment. */
export function fsPublishStatus(runDir: string): PublishStatus {
  const path = join(runDir, FILE);
  return (status) => {
    try {
      writeFileSync(`${path}.new`, `${JSON.stringify(status)}\n`, { mode: 0o640 });
      renameSync(`${path}.new`, path);
    } catch {
      // Only `farola-agent status` misses it, and says so.
    }
  };
}

/** What runs: an agent whose status can be read whole, or one of another version. */
export type Running = { readonly status: RunStatus; readonly liveness: Liveness } | { readonly foreign: ForeignRun };

/**
 * What the agent that runs now tells of itself, and whether it is alive; undefined when none runs, or when what is there is no status.
 * @param monoMs the time now, CLOCK_MONOTONIC
 */
export function readRunning(runDir: string, monoMs: number): Running | undefined {
  const told = readJson(join(runDir, FILE));
  const any = anyRunStatusSchema.safeParse(told);
  if (!any.success || !isRunning(any.data.pid)) return undefined;
  const whole = runStatusSchema.safeParse(told);
  if (!whole.success) return { foreign: any.data };
  return { status: whole.data, liveness: livenessOf(whole.data.pid, whole.data.aliveMonoMs, monoMs) };
}

/** The status of the agent that runs now; undefined when none of this version runs. */
export function readRunStatus(runDir: string): RunStatus | undefined {
  const running = readRunning(runDir, systemClock().now().monoMs);
  return running && 'status' in running ? running.status : undefined;
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
