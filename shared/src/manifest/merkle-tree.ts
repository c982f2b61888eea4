import { sha256, SHA256_BYTES } from '../bytes.js';

/**
 * First byte of what is hashed as a leaf, and as a node (RFC 6962 section 2.1): none can pass as the other. The hash of a
 * leaf is SHA-256(LEAF_PREFIX || data).
 */
export const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

/**
 * Root of the Merkle tree over these leaf hashes, in their order (RFC 6962 section 2.1); SHA-256 of nothing when there
 * are none. Pairing level by level, with an odd last one taken along, gives the tree that the RFC splits from above.
 */
export function merkleRoot(leafHashes: readonly Uint8Array[]): Uint8Array {
  if (leafHashes.length === 0) return sha256(new Uint8Array(0));
  const pair = new Uint8Array(1 + 2 * SHA256_BYTES);
  pair[0] = NODE_PREFIX;
  let level = leafHashes;
  while (level.length > 1) {
    const above: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const left = level[i] as Uint8Array;
      const right = level[i + 1];
      if (right) {
        pair.set(left, 1);
        pair.set(right, 1 + SHA256_BYTES);
      }
      above.push(right ? sha256(pair) : left);
    }
    level = above;
  }
  return level[0] as Uint8Array;
}
