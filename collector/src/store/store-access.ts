import { accessSync, constants, statSync } from 'node:fs';
import { errnoOf, makeFolderPath } from '@farola/shared';
import { accessFailure, folderFailure } from './access-failure.js';

/** Of folders that the collector makes: its user writes, its group reads. */
const FOLDER_MODE = 0o750;

/** Makes sure that files can be written in a folder, which is made when it is not there. Codes as `accessFailure`. */
export function ensureWritableFolder(path: string): void {
  try {
    makeFolderPath(path, FOLDER_MODE);
    checkAccess(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw folderFailure(error, path);
  }
}

/** Makes sure that a file can be written, if it is there. Codes as `accessFailure`. */
export function checkWritableFile(path: string): void {
  try {
    checkAccess(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw accessFailure(error, path);
  }
}

/** As access(2), and where root works for another user (cli/as-owner.ts) also for that one: access(2) asks for the real user alone. */
function checkAccess(path: string, wanted: number): void {
  accessSync(path, wanted);
  if (process.geteuid?.() === process.getuid?.()) return;
  const { uid, gid, mode } = statSync(path);
  const groups = [process.getegid?.(), ...(process.getgroups?.() ?? [])];
  const shift = uid === process.geteuid?.() ? 6 : groups.includes(gid) ? 3 : 0;
  if (((mode >> shift) & wanted) !== wanted) throw Object.assign(new Error(`EACCES: ${path}`), { code: 'EACCES' });
}
