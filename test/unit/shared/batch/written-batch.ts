import { BatchDecoder } from '@farola/shared';
import { BitWriter } from '@farola/shared/batch/bits.js';

/** The epoch of the batches of tests. */
export const EPOCH = new Uint8Array(8).fill(7);

/** What a receiver says of a batch: `ok`, or the code of the error table. */
export function codeOfBatch(coded: Uint8Array, decoder = new BatchDecoder(), from = 1): string {
  const decoded = decoder.decode(coded, { epoch: EPOCH, from });
  return decoded.ok ? 'ok' : decoded.code;
}

/** A batch of bits that a test writes itself: not going on, so many entries. */
export function batchOf(entries: number, write: (bits: BitWriter) => void): Uint8Array {
  const bits = new BitWriter(16);
  bits.bits(0, 1);
  bits.bits(entries, 9);
  write(bits);
  return bits.finish();
}
