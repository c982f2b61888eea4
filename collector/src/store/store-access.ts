import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf } from '@farola/shared';
import { accessFailure, folderFailure } from './access-failure.js';

/** Makes sure that files can be written in a folder, which is made when it is not there. Codes as `accessFailure`. */
export function ensureWritableFolder(path: string): void {
  try {
    makeFolder(path);
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw folderFailure(error, path);
  }
}

/** Makes sure that a file can be written, if it is there. Codes as `accessFailure`. */
export function checkWritableFile(path: string): void {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw accessFailure(error, path);
  }
}

/**
 * Makes a folder and those above it that are missing. Node does not come back from its own `recursive` where the folder above
 * is there and yet none can be made in it for ENOENT, as in one that was removed or in /proc.
 */
function makeFolder(path: string): void {
  if (isFolder(path)) return;
  const above = dirname(path);
  if (above !== path && !existsSync(above)) makeFolder(above);
  try {
    mkdirSync(path, { mode: 0o750 });
  } catch (error) {
    // Another process may have made it.
    if (!isFolder(path)) throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
