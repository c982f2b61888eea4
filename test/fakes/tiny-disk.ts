import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { temporaryFolder } from './temporary-folder.js';

/** A file system in memory that is unmounted when the test ends. */
export interface TinyDisk {
  readonly folder: string;
  makeReadOnly(): void;
}

/** Mounts one of this size; undefined, and a line in the log, where this process may not mount. */
export function tinyDisk(t: ExecutionContext, kilobytes: number): TinyDisk | undefined {
  const folder = join(temporaryFolder(t), 'disk');
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder], { stdio: 'pipe' });
  } catch (error) {
    t.log(`cannot mount a small disk here, the limit is simulated: ${(error as Error).message.trim()}`);
    return undefined;
  }
  t.teardown(() => execFileSync('umount', [folder]));
  return {
    folder,
    makeReadOnly: () => execFileSync('mount', ['-o', 'remount,ro', folder]),
  };
}
