import { type Dirent, lstatSync, readdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from '../fs-failure.js';

/** A file as it lies there; nothing is read of it. */
export interface ListedFile {
  readonly path: string;
  readonly type: 'file' | 'folder' | 'link' | 'other';
  /** Octal, such as `0600`. */
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  readonly bytes: number;
  /** ISO 8601. */
  readonly changed: string;
}

/** What a folder holds, or why that is not known. */
export interface ListedFolder {
  readonly folder: string;
  readonly files: readonly ListedFile[];
  /** Codes of errno by path. */
  readonly unread: readonly string[];
}

/** Most that is listed of one folder. */
const MOST = 5_000;

/** Lists a folder and everything under it, up to five thousand; links are not followed. */
export function listFiles(folder: string): ListedFolder {
  const files: ListedFile[] = [];
  const unread: string[] = [];
  const visit = (path: string): void => {
    if (files.length >= MOST) return;
    try {
      const listed = listedFile(path);
      files.push(listed);
      if (listed.type === 'folder') for (const { name } of entriesOf(path)) visit(join(path, name));
    } catch (error) {
      unread.push(`${path}: ${errnoOf(error) ?? 'unknown'}`);
    }
  };
  visit(folder);
  return { folder, files, unread };
}

/** Room on the volume of a folder, bytes; a code of errno when that is not known. */
export function volumeOf(folder: string): object {
  try {
    const { bsize, blocks, bavail, files, ffree } = statfsSync(folder);
    return { folder, bytes: blocks * bsize, freeBytes: bavail * bsize, inodes: files, freeInodes: ffree };
  } catch (error) {
    return { folder, unread: errnoOf(error) ?? 'unknown' };
  }
}

function entriesOf(path: string): Dirent[] {
  return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function listedFile(path: string): ListedFile {
  const stat = lstatSync(path);
  const type = stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : stat.isSymbolicLink() ? 'link' : 'other';
  const mode = (stat.mode & 0o7777).toString(8).padStart(4, '0');
  return { path, type, mode, uid: stat.uid, gid: stat.gid, bytes: stat.size, changed: stat.mtime.toISOString() };
}
