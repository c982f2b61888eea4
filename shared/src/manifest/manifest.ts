import { merkleRoot } from './merkle-tree.js';
import { manifestLeaf } from './manifest-leaf.js';

/** What a manifest is of: what we ship, named from the root of its tree, or what it runs on, named by absolute paths. */
export type ManifestKind = 'code' | 'platform';

/** One file of a manifest. */
export interface ManifestFile {
  /** With `/` between folders. */
  readonly path: string;
  /** Whether its owner may execute it: the one bit of its mode that counts. */
  readonly executable: boolean;
  /** Bytes. */
  readonly size: number;
  /** SHA-256 of its content, 32 bytes. */
  readonly sha256: Uint8Array;
}

/** Files by the order of their paths, and the Merkle root that stands for all of them. */
export interface Manifest {
  readonly kind: ManifestKind;
  readonly files: readonly ManifestFile[];
  /** Code hash or platform hash, 32 bytes. */
  readonly root: Uint8Array;
}

/** Makes the manifest of files in any order. RangeError when a path stands twice. */
export function makeManifest(kind: ManifestKind, files: Iterable<ManifestFile>): Manifest {
  const sorted = [...files].sort((a, b) => comparePaths(a.path, b.path));
  for (let i = 1; i < sorted.length; i++) {
    const path = sorted[i]?.path ?? '';
    if (path === sorted[i - 1]?.path) throw new RangeError(`${path} stands twice in a manifest`);
  }
  return { kind, files: sorted, root: merkleRoot(sorted.map((file) => manifestLeaf(kind, file))) };
}

/**
 * Whether the one path stands before the other: by the bytes of their UTF-8, whatever the language of the machine. That is
 * their order by characters, which is not that by UTF-16 units where one of two characters has a surrogate.
 */
export function comparePaths(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [left, right] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (left !== right) return isSurrogate(left) === isSurrogate(right) ? left - right : isSurrogate(left) ? 1 : -1;
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
