import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PublishStatus, type RunStatus, runStatusSchema } from './run-status.js';

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

/** The status of the agent that runs now; undefined when none runs, or when what is there is no status. */
export function readRunStatus(runDir: string): RunStatus | undefined {
  const status = runStatusSchema.safeParse(readJson(join(runDir, FILE)));
  return status.success && isRunning(status.data.pid) ? status.data : undefined;
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
