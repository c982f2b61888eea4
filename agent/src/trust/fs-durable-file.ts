import { mkdir, open, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FarolaError } from '@farola/shared';

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
    await withFile(await open(dirname(path), 'r'), (folder) => folder.sync());
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
