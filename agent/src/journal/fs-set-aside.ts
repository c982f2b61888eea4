import { closeSync, existsSync, fsyncSync, openSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileFailure } from '../trust/fs-durable-file.js';

/**
 * SQLite's companions of a database in WAL mode belong to it. The database goes last: without its WAL it is only older,
 * while a WAL without its database would be taken for that of the new one.
 */
const IN_ORDER = ['-wal', '-shm', ''];

/**
 * Moves a journal out of the way for inspection, so that an LCU nobody stands in front of goes on measuring. Nothing
 * that was set aside is ever removed or overwritten. Returns the new path; it is durable.
 * @throws FarolaError `permission-denied`, `disk-failure`
 */
export function setAside(path: string, wallMs: number): string {
  const isTaken = (aside: string): boolean => IN_ORDER.some((companion) => existsSync(aside + companion));
  let stamp = wallMs;
  while (isTaken(`${path}.damaged-${stamp}`)) stamp++;
  const aside = `${path}.damaged-${stamp}`;
  try {
    for (const companion of IN_ORDER) {
      if (companion === '' || existsSync(path + companion)) renameSync(path + companion, aside + companion);
    }
    syncFolder(dirname(path));
  } catch (error) {
    throw fileFailure(path, error);
  }
  return aside;
}

/** Gives a file its place, durably. @throws FarolaError `permission-denied`, `disk-failure` */
export function moveInto(from: string, path: string): void {
  try {
    renameSync(from, path);
    syncFolder(dirname(path));
  } catch (error) {
    throw fileFailure(path, error);
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
