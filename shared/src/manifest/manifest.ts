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
  const keyed = [...files].map((file) => ({ file, key: byteKey(file.path) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)));
  for (let i = 1; i < keyed.length; i++) {
    if (keyed[i]?.key === keyed[i - 1]?.key) throw new RangeError(`${keyed[i]?.file.path ?? ''} stands twice in a manifest`);
  }
  const sorted = keyed.map(({ file }) => file);
  return { kind, files: sorted, root: merkleRoot(sorted.map((file) => manifestLeaf(kind, file))) };
}

/** Whether the one path stands before the other: by the bytes of their UTF-8, whatever the language of the machine. */
export function comparePaths(a: string, b: string): number {
  const [left, right] = [byteKey(a), byteKey(b)];
  return left < right ? -1 : Number(left > right);
}

const NOT_ASCII = /[^\x00-\x7f]/;

/** A text whose order by UTF-16 units is the order of the path by bytes. */
function byteKey(path: string): string {
  return NOT_ASCII.test(path) ? Buffer.from(path, 'utf8').toString('latin1') : path;
}
