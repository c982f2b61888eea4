import { encodeCbor } from '../envelope/cbor.js';
import { joinBytes, sha256, SHA256_BYTES } from '../bytes.js';
import { LIMITS } from '../envelope/limits.js';

const EPOCH_DOMAIN = Buffer.from('farola/epoch/1');

/** h(0) of an epoch: SHA-256("farola/epoch/1" || CBOR[lcuId, epoch]). */
export function chainSeed(lcuId: string, epoch: Uint8Array): Uint8Array {
  return sha256(joinBytes(EPOCH_DOMAIN, encodeCbor([lcuId, epoch])));
}

const scratch = Buffer.alloc(SHA256_BYTES + LIMITS.entryBytes);
/** Its beginnings by length of the entry, LIMITS.entryBytes at most: to make one costs a tenth of a hash. */
const views: Buffer[] = [];

/** h(n) = SHA-256(h(n - 1) || entry). RangeError for an entry above LIMITS.entryBytes, and a head that is not 32 bytes. */
export function chainNext(previous: Uint8Array, entry: Uint8Array): Uint8Array {
  if (previous.length !== SHA256_BYTES) throw new RangeError(`head of ${previous.length} bytes`);
  scratch.set(previous, 0);
  scratch.set(entry, SHA256_BYTES);
  return sha256((views[entry.length] ??= scratch.subarray(0, SHA256_BYTES + entry.length)));
}

/** h(n - 1), then h of each of these entries: one more than there are entries. */
export function chainHeads(previous: Uint8Array, entries: readonly Uint8Array[]): Uint8Array[] {
  const heads = [previous];
  let head = previous;
  for (const entry of entries) heads.push((head = chainNext(head, entry)));
  return heads;
}

/** h(n) after all these entries, beginning from the head before the first of them. */
export function chainHead(previous: Uint8Array, entries: readonly Uint8Array[]): Uint8Array {
  return entries.reduce(chainNext, previous);
}
