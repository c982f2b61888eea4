import { SHA256_BYTES } from '../bytes.js';
import { merkleLeaf } from './merkle-tree.js';
import type { ManifestFile, ManifestKind } from './manifest.js';

/** What a leaf begins with, so that no file of the platform can stand for one of the code. */
const DOMAINS: Readonly<Record<ManifestKind, Buffer>> = {
  code: Buffer.from('farola/code/1'),
  platform: Buffer.from('farola/platform/1'),
};

/** Longest path, bytes: what its length field can tell. */
export const PATH_BYTES = 0xffff;

/**
 * Hash of one file in a manifest: the RFC 6962 leaf of domain || path length (2 bytes) || path || executable (1 byte) ||
 * size (8 bytes) || SHA-256 of the content; numbers are big-endian, the path is UTF-8. RangeError for a longer path.
 */
export function manifestLeaf(kind: ManifestKind, { path, executable, size, sha256 }: ManifestFile): Uint8Array {
  const domain = DOMAINS[kind];
  const pathBytes = Buffer.byteLength(path);
  if (pathBytes > PATH_BYTES) throw new RangeError(`path of ${pathBytes} bytes`);
  const leaf = Buffer.allocUnsafe(domain.length + 2 + pathBytes + 1 + 8 + SHA256_BYTES);
  let at = domain.copy(leaf);
  at = leaf.writeUInt16BE(pathBytes, at);
  at += leaf.write(path, at, 'utf8');
  at = leaf.writeUInt8(Number(executable), at);
  at = leaf.writeUInt32BE(Math.floor(size / 2 ** 32), at);
  at = leaf.writeUInt32BE(size % 2 ** 32, at);
  leaf.set(sha256, at);
  return merkleLeaf(leaf);
}
