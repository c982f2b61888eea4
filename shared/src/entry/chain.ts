import { hash } from 'node:crypto';
import { encodeCbor } from '../envelope/cbor.js';
import { joinBytes } from '../bytes.js';
import { LIMITS } from '../envelope/limits.js';

const EPOCH_DOMAIN = Buffer.from('farola/epoch/1');
const HASH_BYTES = 32;

/** h(0) of an epoch: SHA-256("farola/epoch/1" || CBOR[lcuId, epoch]). */
export function chainSeed(lcuId: string, epoch: Uint8Array): Uint8Array {
  return hash('sha256', joinBytes(EPOCH_DOMAIN, encodeCbor([lcuId, epoch])), 'buffer');
}

const scratch = Buffer.alloc(HASH_BYTES + LIMITS.entryBytes);

/** h(n) = SHA-256(h(n - 1) || entry). RangeError for an entry above LIMITS.entryBytes, and a head that is not 32 bytes. */
export function chainNext(previous: Uint8Array, entry: Uint8Array): Uint8Array {
  if (previous.length !== HASH_BYTES) throw new RangeError(`head of ${previous.length} bytes`);
  scratch.set(previous, 0);
  scratch.set(entry, HASH_BYTES);
  return hash('sha256', scratch.subarray(0, HASH_BYTES + entry.length), 'buffer');
}

/** h(n) after all these entries, beginning from the head before the first of them. */
export function chainHead(previous: Uint8Array, entries: readonly Uint8Array[]): Uint8Array {
  return entries.reduce(chainNext, previous);
}
