import { link, mkdir, open, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FarolaError } from '@farola/shared';

/** Numeric owner of a file, as chown(2) takes it. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** The bytes of a file; undefined when it is not there. @throws FarolaError `permission-denied`, `disk-failure` */
export async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw fileFailure(path, error);
  }
}

/**
 * Writes a whole file so that after a power cut the old or the new one is there: a temporary file, its data on the disk,
 * its name, and the folder on the disk. What root writes belongs to the owner of the folder.
 * @throws FarolaError `permission-denied`, `disk-failure`
 */
export async function writeDurably(path: string, bytes: Uint8Array | string, mode = 0o600): Promise<void> {
  const temporary = `${path}.new`;
  try {
    await rm(temporary, { force: true });
    await withFile(await open(temporary, 'wx', mode), async (file) => {
      await file.writeFile(bytes);
      if (process.getuid?.() === 0) {
        const { uid, gid } = await stat(dirname(path));
        await file.chown(uid, gid);
      }
      await file.sync();
    });
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    throw fileFailure(path, error);
  }
}

/** Makes the names in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  await withFile(await open(path, 'r'), (folder) => folder.sync());
}

/**
 * Writes a whole new file so that after a power cut it is there in whole or not at all. One that is there already stays.
 * @returns whether it was written
 * @throws FarolaError `permission-denied`, `disk-failure`
 */
export async function createDurably(path: string, text: string, mode: number, owner?: Owner): Promise<boolean> {
  const temporary = `${path}.new`;
  try {
    await rm(temporary, { force: true });
    await withFile(await open(temporary, 'wx', mode), async (file) => {
      await file.writeFile(text);
      if (owner) await file.chown(owner.uid, owner.gid);
      await file.sync();
    });
    const created = await linkNew(temporary, path);
    await rm(temporary);
    await syncFolder(dirname(path));
    return created;
  } catch (error) {
    throw fileFailure(path, error);
  }
}

/** Gives a file its name, unless the name is taken: rename(2) would overwrite. */
async function linkNew(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Removes a file, if it is there, durably. @throws FarolaError `permission-denied`, `disk-failure` */
export async function removeDurably(path: string): Promise<void> {
  try {
    await rm(path, { force: true });
    await syncFolder(dirname(path));
  } catch (error) {
    throw fileFailure(path, error);
  }
}

/** Makes a folder and those above it. @throws FarolaError `permission-denied`, `disk-failure` */
export async function makeFolder(path: string, mode = 0o750): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode });
  } catch (error) {
    throw fileFailure(path, error);
  }
}

async function withFile(file: FileHandle, work: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await work(file);
  } finally {
    await file.close();
  }
}

/** The FarolaError of a failed call on a file. */
export function fileFailure(path: string, error: unknown): FarolaError {
  const code = errnoOf(error);
  const options = { cause: error };
  if (code === 'EACCES' || code === 'EPERM') {
    return new FarolaError('permission-denied', { path, remedy: 'run this as root or as the user farola' }, options);
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new FarolaError('disk-failure', { path, reason }, options);
}

function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
