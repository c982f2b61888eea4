import { createHash, hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { SHA256_BYTES } from '../bytes.js';
import { FarolaError } from '../errors.js';
import { unreadable } from './fs-walk-tree.js';

/** A file up to this size is read in one go and hashed in one call, bytes. */
const WHOLE_BYTES = 1 << 20;
/** One byte more, so that a file which grew is noticed by the same read. Made by the first who hashes, which most threads never do. */
let buffer: Buffer | undefined;

/** Not followed when it is a link, and not waited for when it is a pipe that took the place of the file. */
const OPEN = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * SHA-256 of the content of a file, 32 bytes, if it is the very file that was looked at and stays as it is meanwhile.
 * Errors: `tree-changing`, `tree-unreadable`. One caller at a time: it works in a buffer of its own.
 * @param path to show
 * @param seen as lstat(2) saw it
 */
export function hashFile(file: string, path: string, seen: Stats): Uint8Array {
  let fd: number | undefined;
  try {
    fd = openSync(file, OPEN);
    const digest = seen.size <= WHOLE_BYTES ? hashWhole(fd, seen.size) : hashParts(fd, seen.size);
    // Afterwards alone: what it was when it was looked at, it then was all the time.
    if (!digest || !isSameFile(fstatSync(fd), seen)) throw new FarolaError('tree-changing', { path });
    return bytesOf(digest);
  } catch (error) {
    throw error instanceof FarolaError ? error : unreadable(path, error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** By way of a string, which is half as dear as a Buffer for each digest; undefined when the file is not of this size. */
function hashWhole(fd: number, size: number): string | undefined {
  buffer ??= Buffer.allocUnsafeSlow(WHOLE_BYTES + 1);
  if (readSync(fd, buffer, 0, size + 1, null) !== size) return undefined;
  return hash('sha256', buffer.subarray(0, size), 'binary');
}

function hashParts(fd: number, size: number): string | undefined {
  buffer ??= Buffer.allocUnsafeSlow(WHOLE_BYTES + 1);
  const digest = createHash('sha256');
  let total = 0;
  for (let read = readSync(fd, buffer); read > 0; read = readSync(fd, buffer)) {
    digest.update(buffer.subarray(0, read));
    total += read;
  }
  return total === size ? digest.digest('binary') : undefined;
}

/** What tells whether a file was changed. */
export type FileLook = Readonly<Pick<Stats, 'ino' | 'dev' | 'size' | 'mode' | 'ctimeMs' | 'mtimeMs'>>;

/** Of what lstat(2) says, that alone. */
export function lookOf({ ino, dev, size, mode, ctimeMs, mtimeMs }: Stats): FileLook {
  return { ino, dev, size, mode, ctimeMs, mtimeMs };
}

/** Whether a file is as it was seen: ctime moves with every change of content, mode and names, and no call sets it. */
export function isSameFile(now: FileLook, seen: FileLook): boolean {
  return (
    now.ino === seen.ino &&
    now.dev === seen.dev &&
    now.size === seen.size &&
    now.mode === seen.mode &&
    now.ctimeMs === seen.ctimeMs &&
    now.mtimeMs === seen.mtimeMs
  );
}

function bytesOf(digest: string): Uint8Array {
  const bytes = new Uint8Array(SHA256_BYTES);
  for (let i = 0; i < SHA256_BYTES; i++) bytes[i] = digest.charCodeAt(i);
  return bytes;
}
