import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { FarolaError, findInstalledTree } from '@farola/shared';
import { syncFileSystem } from './sync-file-system.js';

/** Where a run makes a tree before it stands at its place. */
export function besideOf(target: string): string {
  return `${target}.new-${process.pid}`;
}

/**
 * Puts a whole tree at its place, and removes what stood there. A kill or a power cut leaves the tree of before or this one,
 * since it is on the disk before its name is, and what it replaces is removed only when its name is there too; only between the
 * two renames neither stands there, and `mendTree` puts back the one of before.
 * @param sync brings the file system of a path to the disk; throws `disk-failure`
 */
export function replaceTree(target: string, made: string, sync: (path: string) => void = syncFileSystem): void {
  const old = `${target}.old-${process.pid}`;
  sync(made);
  if (existsSync(target)) renameSync(target, old);
  renameSync(made, target);
  sync(dirname(target));
  rmSync(old, { recursive: true, force: true });
}

/**
 * Puts right what runs left that were killed: a tree that was set aside, and in whose place nothing came, goes back; what
 * else lies beside the place is removed, if it is of a tree of this name.
 */
export function mendTree(target: string, name: string): void {
  const setAside = leftBeside(target, 'old', name);
  const [last] = setAside.slice(-1);
  if (last !== undefined && !existsSync(target)) renameSync(last, target);
  for (const path of [...setAside, ...leftBeside(target, 'new', name)]) rmSync(path, { recursive: true, force: true });
}

function leftBeside(target: string, what: 'new' | 'old', name: string): string[] {
  const [folder, start] = [dirname(target), `${basename(target)}.${what}-`];
  if (!existsSync(folder)) return [];
  const named = readdirSync(folder).filter((entry) => entry.startsWith(start) && /^\d+$/.test(entry.slice(start.length)));
  return named.map((entry) => join(folder, entry)).filter((path) => isTreeOf(name, path));
}

/** A tree is marked before anything else is copied into it. */
function isTreeOf(name: string, path: string): boolean {
  try {
    return findInstalledTree(path)?.mark.name === name;
  } catch (error) {
    if (error instanceof FarolaError) return false;
    throw error;
  }
}
