import { CborCursor, MAJOR, MalformedCbor } from '../envelope/cbor-cursor.js';
import type { SampleMarks } from '../entry/entry.js';
import { ENTRY_KINDS } from '../entry/kinds.js';
import { MOST_FLAGS, MOST_RUNS, readMarks } from '../entry/sample-marks.js';
import { NUMBER_LIMIT } from './columns.js';

/** A sample as it stands in its bytes: what a coded batch carries of it. */
export interface SampleFields {
  /** Number of the analyser in the epoch, below 256. */
  readonly analyser: number;
  /** Numbers of the quality of the wall clock and of the status, below 256. */
  readonly quality: number;
  readonly status: number;
  /** Below NUMBER_LIMIT, as are the values; ms. */
  readonly monoMs: number;
  readonly wallMs: number;
  readonly spanMs: number;
  /** At most MOST_VALUES; null is missing. */
  readonly values: readonly (number | null)[];
  /** At most MOST_RUNS runs, MOST_FLAGS flags and MOST_FLAGGED places; undefined where the sample has none. */
  readonly marks: SampleMarks | undefined;
}

/** Most values of a sample. */
export const MOST_VALUES = 256;
/** Most places that all flags of a sample name. */
export const MOST_FLAGGED = 256;
/** Bytes of a number at most, and of one that a byte holds. */
const NUMBER_BYTES = 9;
const SMALL_BYTES = 2;
/** Head of an array at most, bytes. */
const HEAD_BYTES = 3;
const MOST_MARKS_BYTES = HEAD_BYTES * (3 + MOST_FLAGS) + 2 * NUMBER_BYTES * MOST_RUNS + SMALL_BYTES * (MOST_FLAGS + MOST_FLAGGED);
/** Room that any sample has, bytes. */
export const MOST_SAMPLE_BYTES = NUMBER_BYTES * (MOST_VALUES + 8) + MOST_MARKS_BYTES;

/** With marks there is one more. */
const ITEMS = 8;
const BYTE = 256;
const NULL = 0xf6;
const SIMPLE_NULL = 22;

/** The fields of an entry that is a sample; undefined for every other, and for one with numbers beyond what is coded. */
export function cutSample(entry: Uint8Array): SampleFields | undefined {
  try {
    const cursor = new CborCursor(entry);
    const items = cursor.expect(MAJOR.array, 'entry');
    if ((items !== ITEMS && items !== ITEMS + 1) || readUint(cursor, BYTE) !== ENTRY_KINDS.sample) return undefined;
    const monoMs = readUint(cursor);
    const wallMs = readUint(cursor);
    const quality = readUint(cursor, BYTE);
    const analyser = readUint(cursor, BYTE);
    const spanMs = readUint(cursor);
    const status = readUint(cursor, BYTE);
    const count = cursor.expect(MAJOR.array, 'values');
    if (count > MOST_VALUES) return undefined;
    const values: (number | null)[] = [];
    for (let i = 0; i < count; i++) values.push(readValue(cursor));
    const marks = items === ITEMS ? undefined : cutMarks(cursor, { count, spanMs });
    cursor.end();
    return { analyser, quality, status, monoMs, wallMs, spanMs, values, marks };
  } catch (error) {
    if (error instanceof MalformedCbor) return undefined;
    throw error;
  }
}

function readUint(cursor: CborCursor, limit: number = NUMBER_LIMIT): number {
  const value = cursor.expect(MAJOR.uint, 'integer');
  if (value >= limit) throw new MalformedCbor('integer that is not coded');
  return value;
}

function readValue(cursor: CborCursor): number | null {
  const major = cursor.head();
  const { argument } = cursor;
  if (major === MAJOR.simple && argument === SIMPLE_NULL) return null;
  if ((major !== MAJOR.uint && major !== MAJOR.negative) || argument >= NUMBER_LIMIT - 1) {
    throw new MalformedCbor('value that is not coded');
  }
  return major === MAJOR.uint ? argument : -1 - argument;
}

/** @throws MalformedCbor for marks that `readMarks` does not take, and for more of them than are coded */
function cutMarks(cursor: CborCursor, of: { readonly count: number; readonly spanMs: number }): SampleMarks {
  if (cursor.expect(MAJOR.array, 'marks') !== 2) throw new MalformedCbor('marks that are not coded');
  const runs = readUints(cursor, 2 * MOST_RUNS);
  const flags: number[][] = [];
  for (let left = cursor.expect(MAJOR.array, 'flags'); left > 0; left--) flags.push(readUints(cursor, 1 + MOST_FLAGGED));
  const marks = readMarks([runs, flags], of);
  if (!marks || placesOf(marks) > MOST_FLAGGED) throw new MalformedCbor('marks that are not coded');
  return marks;
}

/** How many places the flags name. */
export function placesOf({ flags }: SampleMarks): number {
  return flags.reduce((sum, { places }) => sum + places.length, 0);
}

function readUints(cursor: CborCursor, most: number): number[] {
  const count = cursor.expect(MAJOR.array, 'array');
  if (count > most) throw new MalformedCbor('array that is not coded');
  return Array.from({ length: count }, () => readUint(cursor));
}

/** Writes the entry that has these fields at the beginning of `room`, MOST_SAMPLE_BYTES long, and returns its length. */
export function writeSample(fields: SampleFields, room: Buffer): number {
  const { analyser, quality, status, monoMs, wallMs, spanMs, values, marks } = fields;
  let at = writeHead(room, 0, MAJOR.array, marks ? ITEMS + 1 : ITEMS);
  for (const number of [ENTRY_KINDS.sample, monoMs, wallMs, quality, analyser, spanMs, status]) {
    at = writeHead(room, at, MAJOR.uint, number);
  }
  at = writeHead(room, at, MAJOR.array, values.length);
  for (const value of values) {
    if (value === null) room[at++] = NULL;
    else if (value >= 0) at = writeHead(room, at, MAJOR.uint, value);
    else at = writeHead(room, at, MAJOR.negative, -1 - value);
  }
  return marks ? writeMarks(marks, room, at) : at;
}

function writeMarks({ offsets, flags }: SampleMarks, room: Buffer, from: number): number {
  let at = writeHead(room, from, MAJOR.array, 2);
  at = writeHead(room, at, MAJOR.array, 2 * offsets.length);
  for (const { count, ms } of offsets) at = writeHead(room, writeHead(room, at, MAJOR.uint, count), MAJOR.uint, ms);
  at = writeHead(room, at, MAJOR.array, flags.length);
  for (const { code, places } of flags) {
    at = writeHead(room, at, MAJOR.array, 1 + places.length);
    at = writeHead(room, at, MAJOR.uint, code);
    for (const place of places) at = writeHead(room, at, MAJOR.uint, place);
  }
  return at;
}

/** The head of an item in its shortest form (RFC 8949 section 4.2.1); returns where the next one begins. */
function writeHead(room: Buffer, at: number, major: number, argument: number): number {
  const first = major << 5;
  if (argument < 24) {
    room[at] = first | argument;
    return at + 1;
  }
  if (argument < 2 ** 8) {
    room[at] = first | 24;
    room[at + 1] = argument;
    return at + 2;
  }
  if (argument < 2 ** 16) {
    room[at] = first | 25;
    return room.writeUInt16BE(argument, at + 1);
  }
  if (argument < 2 ** 32) {
    room[at] = first | 26;
    return room.writeUInt32BE(argument, at + 1);
  }
  room[at] = first | 27;
  room.writeUInt32BE(Math.floor(argument / 2 ** 32), at + 1);
  return room.writeUInt32BE(argument % 2 ** 32, at + 5);
}
