import { lstatSync, realpathSync } from 'node:fs';
import { FarolaError } from '../errors.js';
import { hashFile } from './fs-hash-file.js';
import { unreadable, walkTree } from './fs-walk-tree.js';
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

/**
 * The manifest of single files by their absolute paths, with links followed; its root is the platform hash. A file that
 * is not there is left out, one that is named twice stands once. Errors: `tree-unreadable`, `tree-changing`.
 */
export function measureFiles(paths: Iterable<string>): Manifest {
  const real = new Set([...paths].flatMap((path) => realPathOf(path) ?? []));
  const files = [...real].map((path): ManifestFile => {
    const stats = lstatSync(path);
    if (!stats.isFile()) throw new FarolaError('tree-unreadable', { path, reason: 'it is not a regular file' });
    return { path, executable: isExecutable(stats.mode), size: stats.size, sha256: hashFile(path, path, stats) };
  });
  return makeManifest('platform', files);
}

function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch (error) {
    const failure = unreadable(path, error);
    if (failure.code === 'tree-changing') return undefined;
    throw failure;
  }
}

function isExecutable(mode: number): boolean {
  return (mode & OWNER_MAY_EXECUTE) !== 0;
}
