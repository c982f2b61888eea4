import { sha256, SHA256_BYTES } from '../bytes.js';
import { LEAF_PREFIX } from './merkle-tree.js';
import type { ManifestFile, ManifestKind } from './manifest.js';

/** Longest path, bytes: what its length field can tell. */
export const PATH_BYTES = 0xffff;

/** Behind the path: executable, size, hash. */
const TAIL_BYTES = 1 + 8 + SHA256_BYTES;

/** Where leaves of a kind are laid out, one after the other; its beginning is the same for all. */
interface LeafBuffer {
  readonly bytes: Buffer;
  /** Bytes of prefix and domain. */
  readonly start: number;
}

/** The domain stands in every leaf, so that no file of the platform can stand for one of the code. */
const BUFFERS: Readonly<Record<ManifestKind, LeafBuffer>> = {
  code: leafBuffer('farola/code/1'),
  platform: leafBuffer('farola/platform/1'),
};

function leafBuffer(domain: string): LeafBuffer {
  const bytes = Buffer.alloc(1 + domain.length + 2 + PATH_BYTES + TAIL_BYTES);
  bytes.writeUInt8(LEAF_PREFIX, 0);
  bytes.write(domain, 1, 'latin1');
  return { bytes, start: 1 + domain.length };
}

/**
 * Hash of one file in a manifest: the RFC 6962 leaf of domain || path length (2 bytes) || path || executable (1 byte) ||
 * size (8 bytes) || SHA-256 of the content; numbers are big-endian, the path is UTF-8. RangeError for a longer path.
 */
export function manifestLeaf(kind: ManifestKind, { path, executable, size, sha256: content }: ManifestFile): Uint8Array {
  const { bytes, start } = BUFFERS[kind];
  // A character has at most three bytes for each of its UTF-16 units: hardly any path has to be counted.
  if (path.length * 3 > PATH_BYTES && Buffer.byteLength(path) > PATH_BYTES) {
    throw new RangeError(`path of ${path.length} characters`);
  }
  const pathBytes = bytes.write(path, start + 2, 'utf8');
  bytes.writeUInt16BE(pathBytes, start);
  let at = start + 2 + pathBytes;
  bytes[at++] = Number(executable);
  at = bytes.writeUInt32BE(Math.floor(size / 2 ** 32), at);
  at = bytes.writeUInt32BE(size % 2 ** 32, at);
  bytes.set(content, at);
  return sha256(bytes.subarray(0, at + SHA256_BYTES));
}
