import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf, FarolaError } from '@farola/shared';
import { fileFailure } from '../trust/fs-durable-file.js';
import { isThere } from './linux-process.js';
import type { PublishStatus } from './run-status.js';
import { anyRunStatusSchema } from './run-teller.js';

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

/**
 * Whether another process that runs tells of itself there: it must not be hidden by one that then cannot begin. What cannot be read is
 * of nobody. @param pid of this one
 */
export function isToldByAnother(runDir: string, pid: number): boolean {
  try {
    const any = anyRunStatusSchema.safeParse(readStatusFile(runDir));
    return any.success && any.data.pid !== pid && isThere(any.data.pid, any.data.birth);
  } catch (error) {
    if (error instanceof FarolaError) return false;
    throw error;
  }
}

/** What the status file says, whatever it is; undefined when there is none, or it is no JSON. @throws FarolaError as `fileFailure` */
export function readStatusFile(runDir: string): unknown {
  const path = join(runDir, FILE);
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
