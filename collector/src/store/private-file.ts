import { chmodSync, closeSync, constants, openSync, statSync } from 'node:fs';
import { errnoOf } from '@farola/shared';

/** Of every database: its owner writes, the group of the service may read, as it may the folder. SQLite gives its logs the same. */
const MODE = 0o640;

/**
 * Makes a database file before SQLite does, which would let everybody read it under a usual umask, and takes what is too much from one
 * that is there. That of another user is left as it is. Throws what the file system throws.
 */
export function makePrivate(path: string): void {
  try {
    closeSync(openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, MODE));
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
    const { mode, uid } = statSync(path);
    if ((mode & 0o777 & ~MODE) !== 0 && uid === process.geteuid?.()) chmodSync(path, mode & MODE);
  }
}
