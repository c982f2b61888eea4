import { sha256, SHA256_BYTES } from '../bytes.js';
import { LEAF_PREFIX } from './merkle-tree.js';
import type { ManifestFile, ManifestKind } from './manifest.js';

/** What a leaf begins with, so that no file of the platform can stand for one of the code. */
const DOMAINS: Readonly<Record<ManifestKind, Buffer>> = {
  code: Buffer.from('farola/code/1'),
  platform: Buffer.from('farola/platform/1'),
};

/** Longest path, bytes: what its length field can tell. */
export const PATH_BYTES = 0xffff;

/** Prefix, domain, length of the path, the path, executable, size, hash. */
const scratch = Buffer.allocUnsafeSlow(1 + 32 + 2 + PATH_BYTES + 1 + 8 + SHA256_BYTES);

/**
 * Hash of one file in a manifest: the RFC 6962 leaf of domain || path length (2 bytes) || path || executable (1 byte) ||
 * size (8 bytes) || SHA-256 of the content; numbers are big-endian, the path is UTF-8. RangeError for a longer path.
 */
export function manifestLeaf(kind: ManifestKind, { path, executable, size, sha256: content }: ManifestFile): Uint8Array {
  const pathBytes = Buffer.byteLength(path);
  if (pathBytes > PATH_BYTES) throw new RangeError(`path of ${pathBytes} bytes`);
  const leaf = scratch;
  let at = leaf.writeUInt8(LEAF_PREFIX, 0);
  at += DOMAINS[kind].copy(leaf, at);
  at = leaf.writeUInt16BE(pathBytes, at);
  at += leaf.write(path, at, 'utf8');
  at = leaf.writeUInt8(Number(executable), at);
  at = leaf.writeUInt32BE(Math.floor(size / 2 ** 32), at);
  at = leaf.writeUInt32BE(size % 2 ** 32, at);
  leaf.set(content, at);
  return sha256(leaf.subarray(0, at + SHA256_BYTES));
}
