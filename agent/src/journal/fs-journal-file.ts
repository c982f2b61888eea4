import { accessSync, constants, statSync } from 'node:fs';
import { fileFailure } from '../trust/fs-durable-file.js';

/** Whether there is a journal at a path, for a command that reads it. @throws FarolaError `permission-denied`, `path-unusable`, `disk-failure` */
export function isReadableJournal(path: string): boolean {
  try {
    if (!statSync(path, { throwIfNoEntry: false })) return false;
    accessSync(path, constants.R_OK);
    return true;
  } catch (error) {
    throw fileFailure(path, error);
  }
}
