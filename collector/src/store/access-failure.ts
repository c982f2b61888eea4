import { accessSync, constants, existsSync, lstatSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf, FarolaError, isPathFault, whyFailed } from '@farola/shared';

const REMEDY = 'run it as the user of the collector: `sudo -u farola-collector ...`';

/** What to throw for what a call of the file system threw: `permission-denied`, `path-unusable`, `disk-failure`. */
export function accessFailure(error: unknown, path: string): FarolaError {
  if (error instanceof FarolaError) return error;
  const code = errnoOf(error);
  if (code === 'EACCES' || code === 'EPERM')
    return new FarolaError('permission-denied', { path, remedy: remedyFor(path) }, { cause: error });
  const reason = whyFailed(error, path);
  if (isPathFault(error)) return new FarolaError('path-unusable', { path, reason }, { cause: error });
  return new FarolaError('disk-failure', { path, reason }, { cause: error });
}

/** The user of the collector cannot be told to be himself: what another user left in his folder is given to him. */
function remedyFor(path: string): string {
  const folder = dirname(path);
  const [here, above] = [lookAt(path), lookAt(folder)];
  if (!here || !above || above.uid !== process.geteuid?.() || here.uid === above.uid) return REMEDY;
  const all = here.isDirectory() ? '-R ' : '';
  return `it belongs to another user than its folder: as root \`chown ${all}--reference=${folder} ${path}\``;
}

/** undefined for what is not there, or cannot be looked at. */
function lookAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** As `accessFailure`, of a file that someone named to be read: `file-unreadable` when it is not there, or no file. */
export function inputFailure(error: unknown, path: string): FarolaError {
  if (!isPathFault(error)) return accessFailure(error, path);
  return new FarolaError('file-unreadable', { path, reason: whyFailed(error, path) }, { cause: error });
}

/**
 * As `accessFailure`, for a folder that could not be made with its parents: Node then says ENOENT also where the nearest
 * one that exists cannot be written.
 */
export function folderFailure(error: unknown, path: string): FarolaError {
  let parent = dirname(path);
  while (!existsSync(parent) && dirname(parent) !== parent) parent = dirname(parent);
  try {
    accessSync(parent, constants.W_OK | constants.X_OK);
  } catch (cause) {
    return accessFailure(cause, path);
  }
  return accessFailure(error, path);
}
