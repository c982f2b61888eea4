import { accessSync, constants, mkdirSync } from 'node:fs';
import { errnoOf } from '@farola/shared';
import { accessFailure, folderFailure } from './access-failure.js';

/** Makes sure that files can be written in a folder, which is made when it is not there. Codes as `accessFailure`. */
export function ensureWritableFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o750 });
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
