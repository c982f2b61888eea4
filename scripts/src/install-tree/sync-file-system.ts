import { spawnSync } from 'node:child_process';
import { FarolaError } from '@farola/shared';

/**
 * Brings the file system on which a path lies to the disk, by `sync -f` (coreutils): one call for a tree of thousands of files.
 * Throws `disk-failure`.
 */
export function syncFileSystem(path: string): void {
  const { status, error, stderr } = spawnSync('sync', ['-f', path], { encoding: 'utf8' });
  if (status !== 0) throw new FarolaError('disk-failure', { path, reason: error ? error.message : stderr.trim() });
}
