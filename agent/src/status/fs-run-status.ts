import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf, FarolaError, systemClock } from '@farola/shared';
import { fileFailure } from '../trust/fs-durable-file.js';
import { type Liveness, livenessOf } from './linux-liveness.js';
import { isThere } from './linux-process.js';
import {
  anyRunStatusSchema,
  type ForeignRun,
  type PublishStatus,
  type RunStatus,
  runStatusSchema,
  type StartingRun,
  startingSchema,
} from './run-status.js';

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
  const told = readJson(join(runDir, FILE));
  const any = anyRunStatusSchema.safeParse(told);
  if (!any.success || !isThere(any.data.pid, any.data.birth)) return undefined;
  const whole = runStatusSchema.safeParse(told);
  if (whole.success) return { status: whole.data, liveness: livenessOf(whole.data.pid, whole.data.aliveMonoMs, monoMs) };
  const starting = startingSchema.safeParse(told);
  return starting.success ? { starting: starting.data } : { foreign: any.data };
}

/**
 * Whether another process that runs tells of itself there: it must not be hidden by one that then cannot begin. What cannot be read is
 * of nobody. @param pid of this one
 */
export function isToldByAnother(runDir: string, pid: number): boolean {
  try {
    const any = anyRunStatusSchema.safeParse(readJson(join(runDir, FILE)));
    return any.success && any.data.pid !== pid && isThere(any.data.pid, any.data.birth);
  } catch (error) {
    if (error instanceof FarolaError) return false;
    throw error;
  }
}

/** The status of the agent that runs now; undefined when none of this version measures. @throws as `readRunning` */
export function readRunStatus(runDir: string): RunStatus | undefined {
  const running = readRunning(runDir, systemClock().now().monoMs);
  return running && 'status' in running ? running.status : undefined;
}

function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw fileFailure(path, error);
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
