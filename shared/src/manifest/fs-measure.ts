import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../bytes.js';
import { FarolaError } from '../errors.js';
import { realPathOf } from './fs-present.js';
import { type FileLook, hashFile, isSameFile, lookOf } from './fs-hash-file.js';
import { look, walkTree } from './fs-walk-tree.js';
import { makeManifest, type Manifest, type ManifestFile } from './manifest.js';

const OWNER_MAY_EXECUTE = 0o100;

/**
 * The manifest of an installed tree; its root is the code hash. Errors: those of `walkTree`; `tree-changing` when
 * something is changed meanwhile.
 */
export function measureTree(root: string): Manifest {
  const files: ManifestFile[] = [];
  walkTree(root, (path, file, stats) => {
    files.push({ path, executable: isExecutable(stats.mode), size: stats.size, sha256: hashFile(file, path, stats) });
  });
  return makeManifest('code', files);
}

const NATIVE_MODULE = '.node';

/** The native modules of a measured tree, absolute paths. */
export function nativesOf(root: string, { files }: Pick<Manifest, 'files'>): string[] {
  return files.filter(({ path }) => path.endsWith(NATIVE_MODULE)).map(({ path }) => join(root, path));
}

/** What is remembered of files between measurements, by their paths. */
export type SeenFiles = Map<string, { readonly stats: FileLook; readonly file: ManifestFile }>;

/** To which systemd links what is masked; a device, and as empty as a file can be. */
const NULL_DEVICE = '/dev/null';
const NULL_FILE: ManifestFile = { path: NULL_DEVICE, executable: false, size: 0, sha256: sha256(new Uint8Array(0)) };

/**
 * The manifest of single files by their absolute paths, with links followed; its root is the platform hash. A file that
 * is not there is left out, one that is named twice stands once. Errors: `tree-unreadable`, `tree-changing`.
 * @param seen what is in it and looks as it did is not read again; what is found now is put into it
 */
export function measureFiles(paths: Iterable<string>, seen: SeenFiles = new Map()): Manifest {
  const real = new Set([...paths].flatMap((path) => realPathOf(path) ?? []));
  const files = [...real].map((path): ManifestFile => {
    if (path === NULL_DEVICE) return NULL_FILE;
    const stats = look(path, path);
    if (!stats.isFile()) throw new FarolaError('tree-unreadable', { path, reason: 'it is not a regular file' });
    const known = seen.get(path);
    const file = known && isSameFile(stats, known.stats) ? known.file : hashed(path, stats);
    seen.set(path, { stats: lookOf(stats), file });
    return file;
  });
  for (const path of seen.keys()) if (!real.has(path)) seen.delete(path);
  return makeManifest('platform', files);
}

function hashed(path: string, stats: Stats): ManifestFile {
  return { path, executable: isExecutable(stats.mode), size: stats.size, sha256: hashFile(path, path, stats) };
}

function isExecutable(mode: number): boolean {
  return (mode & OWNER_MAY_EXECUTE) !== 0;
}
