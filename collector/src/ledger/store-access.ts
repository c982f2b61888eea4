import { accessSync, constants, mkdirSync } from 'node:fs';
import { FarolaError } from '@farola/shared';

const REMEDY = 'run it as the user of the collector: `sudo -u farola-collector ...`';

/** Makes sure that files can be written in a folder, which is made when it is not there. Codes as `accessFailure`. */
export function ensureWritableFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o750 });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw accessFailure(error, path);
  }
}

/** Makes sure that a file can be written, if it is there. Codes as `accessFailure`. */
export function checkWritableFile(path: string): void {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    if (codeOfFailure(error) !== 'ENOENT') throw accessFailure(error, path);
  }
}

/** What to throw for what a call of the file system threw: `permission-denied`, `disk-failure`. */
export function accessFailure(error: unknown, path: string): FarolaError {
  const code = codeOfFailure(error);
  if (code === 'EACCES' || code === 'EPERM')
    return new FarolaError('permission-denied', { path, remedy: REMEDY }, { cause: error });
  const reason = error instanceof Error ? error.message : String(error);
  return new FarolaError('disk-failure', { path, reason }, { cause: error });
}

function codeOfFailure(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
