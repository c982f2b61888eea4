import { accessSync, constants } from 'node:fs';
import { errnoOf, makeFolderPath } from '@farola/shared';
import { accessFailure, folderFailure } from './access-failure.js';

/** Of folders that the collector makes: its user writes, its group reads. */
const FOLDER_MODE = 0o750;

/** Makes sure that files can be written in a folder, which is made when it is not there. Codes as `accessFailure`. */
export function ensureWritableFolder(path: string): void {
  try {
    makeFolderPath(path, FOLDER_MODE);
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
