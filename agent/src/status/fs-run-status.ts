import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
export type Running = { readonly status: RunStatus } | { readonly foreign: ForeignRun };

/** What the agent that runs now tells of itself; undefined when none runs, or when what is there is no status. */
export function readRunning(runDir: string): Running | undefined {
  const told = readJson(join(runDir, FILE));
  const any = anyRunStatusSchema.safeParse(told);
  if (!any.success || !isRunning(any.data.pid)) return undefined;
  const whole = runStatusSchema.safeParse(told);
  return whole.success ? { status: whole.data } : { foreign: any.data };
}

/** The status of the agent that runs now; undefined when none of this version runs. */
export function readRunStatus(runDir: string): RunStatus | undefined {
  const running = readRunning(runDir);
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
