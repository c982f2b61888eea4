import { sameBytes } from '../bytes.js';
import { comparePaths, type Manifest, type ManifestFile } from './manifest.js';

/** How one file differs between two manifests; `mode` when only the executable bit does. */
export interface FileChange {
  readonly path: string;
  readonly change: 'added' | 'removed' | 'content' | 'mode';
}

/** Every file that differs, in the order of the paths; none when the roots are the same. */
export function diffManifests(before: Pick<Manifest, 'files'>, after: Pick<Manifest, 'files'>): FileChange[] {
  const changes: FileChange[] = [];
  let [i, j] = [0, 0];
  while (i < before.files.length || j < after.files.length) {
    const [old, now] = [before.files[i], after.files[j]];
    const order = old && now ? comparePaths(old.path, now.path) : old ? -1 : 1;
    if (old && order < 0) changes.push({ path: old.path, change: 'removed' });
    if (now && order > 0) changes.push({ path: now.path, change: 'added' });
    const change = old && now && order === 0 ? changeOf(old, now) : undefined;
    if (now && change) changes.push({ path: now.path, change });
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
  return changes;
}

function changeOf(old: ManifestFile, now: ManifestFile): FileChange['change'] | undefined {
  if (old.size !== now.size || !sameBytes(old.sha256, now.sha256)) return 'content';
  return old.executable === now.executable ? undefined : 'mode';
}
