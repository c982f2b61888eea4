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

/** Encodings of an attachment, by number; others are reserved. */
export const ENCODINGS = {
  /** A CBOR array of byte strings. Every side takes it. */
  plain: 0,
  /** Coded entries of an answer, from an LCU to a collector whose hello names it. */
  coded: 1,
} as const;

/** What travels beside the signature of an answer: entries as they are, or coded and not looked into yet. */
export type AnswerEntries =
  | { readonly encoding: typeof ENCODINGS.plain; readonly entries: Attachment }
  | { readonly encoding: typeof ENCODINGS.coded; readonly coded: Uint8Array };

const writer = new CborWriter();

/** Encodes a frame. */
export function encodeFrame(kind: number, signed: Uint8Array, items?: readonly Uint8Array[]): Uint8Array {
  startFrame(items ? 4 : 2, kind, signed);
  if (items) {
    writer.head(MAJOR.uint, ENCODINGS.plain);
    writeItems(items);
  }
  return writer.copy();
}

/** Encodes a frame with coded entries beside the signature. */
export function encodeCodedFrame(kind: number, signed: Uint8Array, coded: Uint8Array): Uint8Array {
  startFrame(4, kind, signed);
  writer.head(MAJOR.uint, ENCODINGS.coded);
  writer.byteString(coded);
  return writer.copy();
}

function startFrame(count: number, kind: number, signed: Uint8Array): void {
  writer.start();
  writer.head(MAJOR.array, count);
  writer.head(MAJOR.uint, kind);
  writer.byteString(signed);
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
  const { kind, signed, beside } = cutHead(bytes);
  if (beside === undefined) return { kind, signed, attachment: undefined };
  if (beside.encoding !== ENCODINGS.plain) throw new MalformedCbor(`attachment encoding ${beside.encoding} is not known here`);
  return { kind, signed, attachment: cutItems(bytes.subarray(beside.at)) };
}

/** A frame whose attachment may be coded. */
export interface AnswerFrame extends Pick<Frame, 'kind' | 'signed'> {
  /** Undefined when nothing travels beside the signature. */
  readonly beside: AnswerEntries | undefined;
}

/** As `cutFrame`, where an answer is expected: coded entries are cut out, and looked into by no one yet. */
export function cutAnswerFrame(bytes: Uint8Array): AnswerFrame {
  const { kind, signed, beside } = cutHead(bytes);
  if (beside?.encoding !== ENCODINGS.coded) {
    const { attachment } = cutFrame(bytes);
    return { kind, signed, beside: attachment && { encoding: ENCODINGS.plain, entries: attachment } };
  }
  const cursor = new CborCursor(bytes, beside.at);
  const coded = cursor.byteString('coded entries', LIMITS.answerEntryBytes);
  cursor.end();
  return { kind, signed, beside: { encoding: ENCODINGS.coded, coded } };
}

/** What stands before an attachment. */
interface FrameHead {
  readonly kind: number;
  readonly signed: Uint8Array;
  /** The encoding of the attachment, and where it begins; undefined when there is none. */
  readonly beside: { readonly encoding: number; readonly at: number } | undefined;
}

function cutHead(bytes: Uint8Array): FrameHead {
  const cursor = new CborCursor(bytes);
  const count = cursor.expect(MAJOR.array, 'frame');
  if (count !== 2 && count !== 4) throw new MalformedCbor(`frame of ${count} items`);
  const kind = cursor.expect(MAJOR.uint, 'kind');
  const signed = cursor.byteString('signed part', LIMITS.signedBytes);
  if (count === 4) return { kind, signed, beside: { encoding: cursor.expect(MAJOR.uint, 'attachment encoding'), at: cursor.at } };
  cursor.end();
  return { kind, signed, beside: undefined };
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
