import type { Random } from '@farola/shared';
import { sha256 } from '@farola/shared';

/** Random bytes that are the same in every run: SHA-256 of seed and counter. */
export function seededRandom(seed: string): Random {
  let counter = 0;
  return {
    bytes(length) {
      const parts: Uint8Array[] = [];
      for (let have = 0; have < length; have += 32) parts.push(sha256(Buffer.from(`${seed}/${counter++}`)));
      return new Uint8Array(Buffer.concat(parts).subarray(0, length));
    },
  };
}
