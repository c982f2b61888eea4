import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { FarolaError } from './errors.js';

/** What is wrong with a path, and not with the disk. */
const OF_PATH: ReadonlySet<string> = new Set([
  'ENOENT',
  'ENOTDIR',
  'EISDIR',
  'EEXIST',
  'ENAMETOOLONG',
  'ELOOP',
  'EINVAL',
  'ENXIO',
]);

/** The code of what the file system threw, such as `ENOENT`; undefined for anything else. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Whether a call failed for the path that it was given, so that another path helps and another disk does not. */
export function isPathFault(error: unknown): boolean {
  return OF_PATH.has(errnoOf(error) ?? '');
}

/** Why a call on a path failed, for a message that names the path itself: what node says after it repeats no path. */
export function whyFailed(error: unknown, path: string): string {
  const code = errnoOf(error);
  if (code === 'ENOENT' && isOfMkdir(error)) return 'no folder can be made there';
  if (code === 'ENOENT') return existsSync(dirname(path)) ? 'there is no such file' : 'its folder is not there';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'ENOTDIR') return 'what it names as a folder is a file';
  if (code === 'EEXIST') return 'what stands there is no folder';
  if (code === 'EROFS') return 'its file system is read-only';
  return error instanceof Error ? error.message.replace(/, \w+( '.*')?$/s, '') : String(error);
}

function isOfMkdir(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'mkdir';
}

/** Why a file cannot be written that must not be there yet: a folder of that name was hardly meant. */
export function outputTaken(path: string, cause?: unknown): FarolaError {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (!isFolder) return new FarolaError('output-exists', { path }, { cause });
  return new FarolaError('path-unusable', { path, reason: 'it is a folder; name the file to write in it' }, { cause });
}
