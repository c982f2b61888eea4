import { dirname } from 'node:path';
import { promisedFs } from './promised-fs.js';

const { close, fchown, fsync, open, rm, writeFile } = promisedFs;

/** Numeric owner of a file, as chown(2) takes it. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** What a file is written as. */
export interface WholeFile {
  readonly content: string | Uint8Array;
  readonly mode: number;
  /** Who writes it, unless told. */
  readonly owner?: Owner | undefined;
}

/** Behind the name of a file that is written: a name of ours alone, since what is found there is removed. */
export const ASIDE_SUFFIX = '.farola-new';

/**
 * Writes a file so that a power cut leaves it whole or not at all: beside its path (ASIDE_SUFFIX), its data on the
 * disk, its name by `put`, and the folder on the disk. What one left there that was cut off is removed. Where that fails nothing is left beside it. One caller at a time for each path. Throws what
 * the file system throws.
 * @param put gives what stands at `aside` the name `path`
 */
export async function writeWhole(
  path: string,
  { content, mode, owner }: WholeFile,
  put: (aside: string) => Promise<void>,
): Promise<void> {
  const aside = path + ASIDE_SUFFIX;
  await rm(aside);
  try {
    await withFile(await open(aside, 'wx', mode), async (file) => {
      await writeFile(file, content);
      if (owner) await fchown(file, owner.uid, owner.gid);
      await fsync(file);
    });
    await put(aside);
  } catch (error) {
    // What it is thrown for counts, not that a broken disk does not let it be removed either.
    await rm(aside).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Makes durable what was named, renamed or removed in a folder. */
export async function syncFolder(path: string): Promise<void> {
  await withFile(await open(path, 'r'), fsync);
}

async function withFile(file: number, work: (file: number) => Promise<void>): Promise<void> {
  try {
    await work(file);
  } finally {
    await close(file);
  }
}
