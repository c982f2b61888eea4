import { sameBytes } from '../bytes.js';
import { headBytes } from '../envelope/cbor-writer.js';
import { type Attachment, encodeItems } from '../envelope/frame.js';
import { LIMITS } from '../envelope/limits.js';
import { refuse, type Result } from '../protocol/message.js';
import { type BatchPlace, ENTRIES_BITS, LENGTH_BITS } from './batch-format.js';
import { BitReader, MalformedBatch } from './bits.js';
import { MOST_SAMPLE_BYTES, writeSample } from './sample-fields.js';
import { SampleModel } from './sample-model.js';

/** Head of the array of entries at most, bytes. */
const ARRAY_HEAD_BYTES = 3;
const room = Buffer.alloc(MOST_SAMPLE_BYTES);

/**
 * Reads the coded batches of one connection (docs/protocol.md, Coded entries). It gives back the bytes of each entry,
 * within the bounds of an answer: memory is taken entry by entry, and no more than these allow.
 */
export class BatchDecoder {
  #model: SampleModel | undefined;
  /** Where the batch goes on that may lean on what is remembered. */
  #next: BatchPlace | undefined;

  /** The entries of a coded batch. Refuses with `attachment-malformed`; then nothing is remembered. */
  decode(coded: Uint8Array, { epoch, from }: BatchPlace): Result<Attachment> {
    const bits = new BitReader(coded);
    const model = this.#model;
    const next = this.#next;
    this.#model = undefined;
    this.#next = undefined;
    try {
      const goesOn = bits.bits(1) === 1;
      if (goesOn && !(next?.from === from && sameBytes(next.epoch, epoch))) {
        throw new MalformedBatch('goes on from a batch that was not taken');
      }
      const used = goesOn && model ? model : new SampleModel();
      const items = readEntries(bits, used);
      this.#model = used;
      this.#next = { epoch, from: from + items.length };
      return { ok: true, value: { items, encoded: encodeItems(items) } };
    } catch (error) {
      if (error instanceof MalformedBatch) return refuse('attachment-malformed', { reason: error.message });
      throw error;
    }
  }
}

function readEntries(bits: BitReader, model: SampleModel): Uint8Array[] {
  const count = bits.bits(ENTRIES_BITS);
  if (count > LIMITS.answerEntries) throw new MalformedBatch(`${count} entries are more than ${LIMITS.answerEntries}`);
  const items: Uint8Array[] = [];
  let bytes = ARRAY_HEAD_BYTES;
  for (let i = 0; i < count; i++) {
    const item = bits.bits(1) === 1 ? readSample(bits, model) : readPlain(bits);
    bytes += headBytes(item.length) + item.length;
    if (bytes > LIMITS.answerEntryBytes) throw new MalformedBatch(`more than ${LIMITS.answerEntryBytes} bytes of entries`);
    items.push(item);
  }
  bits.end();
  return items;
}

function readSample(bits: BitReader, model: SampleModel): Uint8Array {
  return new Uint8Array(room.subarray(0, writeSample(model.read(bits), room)));
}

function readPlain(bits: BitReader): Uint8Array {
  const length = bits.bits(LENGTH_BITS);
  if (length > LIMITS.entryBytes) throw new MalformedBatch(`entry of ${length} bytes is larger than ${LIMITS.entryBytes}`);
  if (8 * length > bits.left) throw new MalformedBatch('ends too early');
  const item = new Uint8Array(length);
  for (let i = 0; i < length; i++) item[i] = bits.bits(8);
  return item;
}
