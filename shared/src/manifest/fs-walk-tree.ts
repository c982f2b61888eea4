import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { FarolaError } from '../errors.js';
import { judgeFileName } from './file-name.js';

/**
 * Told of one regular file as soon as it was looked at: what is opened next is then still at hand for the kernel.
 * @param path from the root of the tree, with `/` between folders
 * @param file where it is
 * @param stats as lstat(2) saw it
 */
export type VisitFile = (path: string, file: string, stats: Stats) => void;

/** Bounds of a tree: far beyond any of ours, and what keeps a foreign one from taking all memory and time. */
export const TREE_LIMITS = { files: 50_000, bytes: 2 ** 30, depth: 64 } as const;

const WRITABLE_BY_OTHERS = 0o022;
const SET_ID = 0o6000;

/**
 * Visits every file under a folder, in no order. An installed tree holds folders and regular files of one name, which nobody but
 * their owner may write, with names that are judged by `judgeFileName`. Errors: its codes, `tree-symlink`,
 * `tree-special-file`, `tree-hard-link`, `tree-writable`, `tree-set-id`, `tree-too-large`, `tree-unreadable`.
 */
export function walkTree(root: string, visit: VisitFile): void {
  const stats = look(root, '.');
  if (!stats.isDirectory()) throw new FarolaError('tree-unreadable', { path: root, reason: 'it is not a folder' });
  checkMode('.', stats);
  walk(root, '', 1, { visit, files: 0, bytes: 0 });
}

interface Walk {
  readonly visit: VisitFile;
  files: number;
  bytes: number;
}

function walk(folder: string, prefix: string, depth: number, state: Walk): void {
  if (depth > TREE_LIMITS.depth) throw tooLarge(prefix, `more than ${TREE_LIMITS.depth} folders inside each other`);
  for (const bytes of list(folder, prefix)) {
    const verdict = judgeFileName(bytes);
    if ('code' in verdict) throw new FarolaError(verdict.code, { path: prefix + JSON.stringify(bytes) });
    const path = prefix + verdict.name;
    const file = `${folder}/${verdict.name}`;
    const stats = look(file, path);
    if (stats.isSymbolicLink()) throw new FarolaError('tree-symlink', { path });
    checkMode(path, stats);
    if (stats.isDirectory()) {
      walk(file, `${path}/`, depth + 1, state);
      continue;
    }
    if (!stats.isFile()) throw new FarolaError('tree-special-file', { path });
    if (stats.nlink !== 1) throw new FarolaError('tree-hard-link', { path, names: stats.nlink });
    state.bytes += stats.size;
    if (state.bytes > TREE_LIMITS.bytes) throw tooLarge(path, `more than ${TREE_LIMITS.bytes} bytes`);
    if (++state.files > TREE_LIMITS.files) throw tooLarge(path, `more than ${TREE_LIMITS.files} files`);
    state.visit(path, file, stats);
  }
}

function checkMode(path: string, stats: Stats): void {
  if ((stats.mode & WRITABLE_BY_OTHERS) !== 0) throw new FarolaError('tree-writable', { path, mode: shown(stats.mode) });
  if ((stats.mode & SET_ID) !== 0 && stats.isFile()) throw new FarolaError('tree-set-id', { path, mode: shown(stats.mode) });
}

function shown(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}

/** Names in a folder, one character for each byte: a name that is no UTF-8 would be mended by Node. */
function list(folder: string, path: string): string[] {
  try {
    return readdirSync(folder, { encoding: 'latin1' });
  } catch (error) {
    throw unreadable(path || '.', error);
  }
}

/** As lstat(2) sees it. Errors: those of `unreadable`. @param path to show */
export function look(file: string, path: string): Stats {
  try {
    return lstatSync(file);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function tooLarge(path: string, reason: string): FarolaError {
  return new FarolaError('tree-too-large', { path, reason });
}

/** What a failed call on a file is: `tree-changing` when it is not there (any more), else `tree-unreadable`. */
export function unreadable(path: string, error: unknown): FarolaError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT' || code === 'ELOOP' || code === 'ENOTDIR')
    return new FarolaError('tree-changing', { path }, { cause: error });
  return new FarolaError('tree-unreadable', { path, reason: code || String(error) }, { cause: error });
}
