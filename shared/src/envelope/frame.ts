import { CborCursor, MAJOR, MalformedCbor } from './cbor-cursor.js';
import { CborWriter } from './cbor-writer.js';
import { LIMITS } from './limits.js';

/** One WebSocket message: `[kind, signed]`, or `[kind, signed, attachment encoding, attachment]`. */
export interface Frame {
  /** Number of the message kind; a claim only, which the signed content type must confirm. */
  readonly kind: number;
  /** The COSE_Sign1. */
  readonly signed: Uint8Array;
  /** What travels beside the signature: undefined when nothing does. Shares memory with the message. */
  readonly attachment: Attachment | undefined;
}

/** Byte strings beside a signature, such as the entries of an answer. */
export interface Attachment {
  readonly items: readonly Uint8Array[];
  /** The CBOR array of the items as received. */
  readonly encoded: Uint8Array;
}

/** Encodings of an attachment. 0: a CBOR array of byte strings. Others are reserved for compressed batches. */
const ATTACHMENT_PLAIN = 0;

const writer = new CborWriter();

/** Encodes a frame. */
export function encodeFrame(kind: number, signed: Uint8Array, items?: readonly Uint8Array[]): Uint8Array {
  writer.start();
  writer.head(MAJOR.array, items ? 4 : 2);
  writer.head(MAJOR.uint, kind);
  writer.byteString(signed);
  if (items) {
    writer.head(MAJOR.uint, ATTACHMENT_PLAIN);
    writeItems(items);
  }
  return writer.copy();
}

/** The CBOR array of byte strings. */
export function encodeItems(items: readonly Uint8Array[]): Uint8Array {
  writer.start();
  writeItems(items);
  return writer.copy();
}

function writeItems(items: readonly Uint8Array[]): void {
  writer.head(MAJOR.array, items.length);
  for (const item of items) writer.byteString(item);
}

/** Cuts a frame into its parts; nothing signed is looked into. MalformedCbor with the reason. */
export function cutFrame(bytes: Uint8Array): Frame {
  const cursor = new CborCursor(bytes);
  const count = cursor.expect(MAJOR.array, 'frame');
  if (count !== 2 && count !== 4) throw new MalformedCbor(`frame of ${count} items`);
  const kind = cursor.expect(MAJOR.uint, 'kind');
  const signed = cursor.byteString('signed part', LIMITS.signedBytes);
  if (count === 2) {
    cursor.end();
    return { kind, signed, attachment: undefined };
  }
  const encoding = cursor.expect(MAJOR.uint, 'attachment encoding');
  if (encoding !== ATTACHMENT_PLAIN) throw new MalformedCbor(`attachment encoding ${encoding} is not known`);
  return { kind, signed, attachment: cutItems(bytes.subarray(cursor.at)) };
}

/** Cuts a CBOR array of byte strings into its items, within the bounds of an answer. MalformedCbor with the reason. */
export function cutItems(encoded: Uint8Array): Attachment {
  if (encoded.length > LIMITS.answerEntryBytes) throw new MalformedCbor(`attachment of ${encoded.length} bytes`);
  const cursor = new CborCursor(encoded);
  const count = cursor.expect(MAJOR.array, 'attachment');
  if (count > LIMITS.answerEntries) throw new MalformedCbor(`${count} items are more than ${LIMITS.answerEntries}`);
  const items: Uint8Array[] = [];
  for (let i = 0; i < count; i++) items.push(cursor.byteString('item', LIMITS.entryBytes));
  cursor.end();
  return { items, encoded };
}
