import { dirname } from 'node:path';
import {
  errnoOf,
  FarolaError,
  isPathFault,
  makeFolderPath,
  type Owner,
  promisedFs,
  syncFolder,
  whyFailed,
  writeWhole,
} from '@farola/shared';

const { link, readFile, rename, rm, stat } = promisedFs;

/** The bytes of a file; undefined when it is not there. @throws FarolaError `permission-denied`, `path-unusable`, `disk-failure` */
export async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw fileFailure(path, error);
  }
}

/**
 * Writes a whole file so that after a power cut the old or the new one is there. What root writes belongs to the owner of
 * the folder.
 * @throws FarolaError `permission-denied`, `disk-failure`
 */
export async function writeDurably(path: string, bytes: Uint8Array | string, mode = 0o600): Promise<void> {
  try {
    const owner = process.getuid?.() === 0 ? await stat(dirname(path)) : undefined;
    await writeWhole(path, { content: bytes, mode, owner }, (aside) => rename(aside, path));
  } catch (error) {
    throw fileFailure(path, error);
  }
}

/**
 * Writes a whole new file so that after a power cut it is there in whole or not at all. One that is there already stays.
 * @returns whether it was written
 * @throws FarolaError `permission-denied`, `disk-failure`
 */
export async function createDurably(path: string, content: string | Uint8Array, mode: number, owner?: Owner): Promise<boolean> {
  let created = false;
  try {
    await writeWhole(path, { content, mode, owner }, async (aside) => {
      created = await linkNew(aside, path);
      await rm(aside);
    });
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

/** The value in a file of JSON, undefined where it holds none; undefined when it is not there. Errors as `readIfThere`. */
export async function readJsonIfThere(path: string): Promise<{ readonly json: unknown } | undefined> {
  const bytes = await readIfThere(path);
  return bytes && { json: parseJson(bytes.toString()) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Removes a file, if it is there, durably. @throws FarolaError `permission-denied`, `disk-failure` */
export async function removeDurably(path: string): Promise<void> {
  try {
    await rm(path);
    await syncFolder(dirname(path));
  } catch (error) {
    throw fileFailure(path, error);
  }
}

/** Makes a folder that someone named, and those above it. @throws FarolaError `permission-denied`, `path-unusable`, `disk-failure` */
export function makeFolder(path: string, mode = 0o750): void {
  try {
    makeFolderPath(path, mode);
  } catch (error) {
    throw namedFileFailure(path, error);
  }
}

/** What no disk is at fault for, and nothing that was lost: a file where a folder is needed, or a link that leads in a circle. */
const MISPLACED: ReadonlySet<string> = new Set(['ENOTDIR', 'EEXIST', 'ELOOP', 'ENAMETOOLONG']);

/** The FarolaError of a failed call on a file: `permission-denied`, `path-unusable` or `disk-failure`. */
export function fileFailure(path: string, error: unknown): FarolaError {
  const code = errnoOf(error) ?? '';
  const options = { cause: error };
  if (code === 'EACCES' || code === 'EPERM') {
    return new FarolaError('permission-denied', { path, remedy: 'run this as root or as the user farola' }, options);
  }
  const reason = whyFailed(error, path);
  return new FarolaError(MISPLACED.has(code) ? 'path-unusable' : 'disk-failure', { path, reason }, options);
}

/** As `fileFailure`, of a file that someone named to be written: `path-unusable` when it is the path that does not fit. */
export function namedFileFailure(path: string, error: unknown): FarolaError {
  if (!isPathFault(error)) return fileFailure(path, error);
  return new FarolaError('path-unusable', { path, reason: whyFailed(error, path) }, { cause: error });
}

/** As `fileFailure`, of a file that someone named to be read: `file-unreadable` when it is not there, or no file. */
export function namedInputFailure(path: string, error: unknown): FarolaError {
  if (!isPathFault(error)) return fileFailure(path, error);
  return new FarolaError('file-unreadable', { path, reason: whyFailed(error, path) }, { cause: error });
}
