import { encodeCbor } from '../envelope/cbor.js';
import { joinBytes, sha256, SHA256_BYTES, sha256Into } from '../bytes.js';
import { LIMITS } from '../envelope/limits.js';

const EPOCH_DOMAIN = Buffer.from('farola/epoch/1');

/** h(0) of an epoch: SHA-256("farola/epoch/1" || CBOR[lcuId, epoch]). */
export function chainSeed(lcuId: string, epoch: Uint8Array): Uint8Array {
  return sha256(joinBytes(EPOCH_DOMAIN, encodeCbor([lcuId, epoch])));
}

/** A head, behind which the entry is put that it is hashed with; the next head takes its place. */
const scratch = Buffer.alloc(SHA256_BYTES + LIMITS.entryBytes);
/** Its beginnings by length of the entry, LIMITS.entryBytes at most: to make one costs a tenth of a hash. */
const views: Buffer[] = [];

/** h(n) = SHA-256(h(n - 1) || entry). RangeError for an entry above LIMITS.entryBytes, and a head that is not 32 bytes. */
export function chainNext(previous: Uint8Array, entry: Uint8Array): Uint8Array {
  start(previous);
  step(entry);
  return scratchHead();
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
  start(previous);
  for (const entry of entries) step(entry);
  return scratchHead();
}

function start(head: Uint8Array): void {
  if (head.length !== SHA256_BYTES) throw new RangeError(`head of ${head.length} bytes`);
  scratch.set(head, 0);
}

function step(entry: Uint8Array): void {
  scratch.set(entry, SHA256_BYTES);
  const bytes = (views[entry.length] ??= scratch.subarray(0, SHA256_BYTES + entry.length));
  sha256Into(scratch, bytes);
}

function scratchHead(): Uint8Array {
  return new Uint8Array(scratch.subarray(0, SHA256_BYTES));
}
