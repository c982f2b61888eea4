import { sameBytes } from '../bytes.js';
import { type BatchPlace, ENTRIES_BITS, LENGTH_BITS } from './batch-format.js';
import { BitWriter } from './bits.js';
import { BatchDecoder } from './decode-batch.js';
import { cutSample } from './sample-fields.js';
import { SampleModel } from './sample-model.js';

/** Bytes that a coded batch is expected to have; more are taken. */
const EXPECTED_BYTES = 512;

/** Codes the batches of one connection (docs/protocol.md, Coded entries). */
export class BatchEncoder {
  readonly #check = new BatchDecoder();
  #model: SampleModel | undefined;
  #next: BatchPlace | undefined;

  /**
   * The entries of an answer, coded; undefined when that is not worth it, and then they go as they are.
   * @param held number up to which the receiver says that it has the epoch: a batch goes on from the one before only
   * when the receiver has taken that
   */
  encode(entries: readonly Uint8Array[], place: BatchPlace, held: number): Uint8Array | undefined {
    if (entries.length === 0) return undefined;
    const goesOn = this.#goesOn(place, held);
    const model = goesOn && this.#model ? this.#model : new SampleModel();
    const bits = new BitWriter(EXPECTED_BYTES);
    bits.bits(goesOn ? 1 : 0, 1);
    writeEntries(bits, entries, model);
    const coded = bits.finish();
    this.#model = undefined;
    this.#next = undefined;
    if (!this.#comesBack(coded, entries, place)) return undefined;
    this.#model = model;
    this.#next = { epoch: place.epoch, from: place.from + entries.length };
    return coded;
  }

  #goesOn({ epoch, from }: BatchPlace, held: number): boolean {
    const next = this.#next;
    return next !== undefined && held === from - 1 && next.from === from && sameBytes(next.epoch, epoch);
  }

  /** Whether the receiver will read the very bytes, which the chain covers: a defect of the code must not hold data back. */
  #comesBack(coded: Uint8Array, entries: readonly Uint8Array[], place: BatchPlace): boolean {
    const decoded = this.#check.decode(coded, place);
    if (!decoded.ok || coded.length >= decoded.value.encoded.length) return false;
    const { items } = decoded.value;
    return items.length === entries.length && items.every((item, i) => sameBytes(item, entries[i] as Uint8Array));
  }
}

function writeEntries(bits: BitWriter, entries: readonly Uint8Array[], model: SampleModel): void {
  bits.bits(entries.length, ENTRIES_BITS);
  for (const entry of entries) {
    const sample = cutSample(entry);
    if (sample && model.takes(sample)) {
      bits.bits(1, 1);
      model.write(sample, bits);
    } else {
      bits.bits(0, 1);
      bits.bits(entry.length, LENGTH_BITS);
      for (const byte of entry) bits.bits(byte, 8);
    }
  }
}
