import { FarolaError } from '@farola/shared';

/** The function codes that go onto a line, which only read: holding registers, input registers. */
const READ_FUNCTIONS: ReadonlySet<number> = new Set([3, 4]);

/** Bytes of a read request: unit, function, address, count, CRC. */
const REQUEST_LENGTH = 8;
/** Bytes of an exception answer: unit, function with bit 7 set, exception code, CRC. */
const EXCEPTION_LENGTH = 5;

/** What a read request asks. */
export interface ReadRequest {
  /** Address of the device on its line, 1 to 247. */
  readonly unit: number;
  /** 3 or 4. */
  readonly functionCode: number;
  /** First register, as on the wire. */
  readonly address: number;
  /** Registers. */
  readonly count: number;
}

/** A whole answer that fits its question, and where it lay among the bytes received. */
export interface Answer {
  readonly frame: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Modbus exception code; undefined when the answer carries data. */
  readonly exception: number | undefined;
}

/** Why received bytes are no answer: `crc` also stands for plain noise; `mbap`: they are of Modbus TCP. */
export type Mismatch = 'crc' | 'unit' | 'function' | 'length' | 'short' | 'mbap';

/** What eight bits do to the CRC: polynomial 0xA001. */
const CRC_OF_BYTE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  return crc;
});

/**
 * CRC-16 of Modbus over serial line V1.02, appendix B: begins with 0xFFFF, low byte first on the wire.
 * @param length how many of the bytes count; all when it is not told
 */
export function crc16(bytes: Uint8Array, length: number = bytes.length): number {
  let crc = 0xffff;
  for (let at = 0; at < length; at++) crc = (crc >>> 8) ^ (CRC_OF_BYTE[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  return crc;
}

/** The bytes with their CRC behind them. */
export function withCrc(bytes: Uint8Array): Uint8Array {
  const crc = crc16(bytes);
  // Of the pool of buffers: an array of more than 64 bytes would get memory of its own, which costs more than all the rest.
  const { buffer, byteOffset } = Buffer.allocUnsafe(bytes.length + 2);
  const frame = new Uint8Array(buffer, byteOffset, bytes.length + 2);
  frame.set(bytes);
  frame[bytes.length] = crc & 0xff;
  frame[bytes.length + 1] = crc >>> 8;
  return frame;
}

/** Whether the last two bytes are the CRC of those before. */
export function crcFits(frame: Uint8Array): boolean {
  if (frame.length < 4) return false;
  const crc = crc16(frame, frame.length - 2);
  return frame[frame.length - 2] === (crc & 0xff) && frame[frame.length - 1] === crc >>> 8;
}

/**
 * What a request frame asks. A line takes no question, and writes no byte, that has not passed here: only reads do.
 * @throws FarolaError `modbus-write-refused` for any function other than 3 and 4
 * @throws RangeError when the frame is not a whole read request
 */
export function parseReadRequest(frame: Uint8Array): ReadRequest {
  const functionCode = frame[1] ?? 0;
  if (!READ_FUNCTIONS.has(functionCode)) throw new FarolaError('modbus-write-refused', { function: functionCode });
  if (frame.length !== REQUEST_LENGTH || !crcFits(frame)) throw new RangeError('not a Modbus RTU read request');
  return { unit: frame[0] ?? 0, functionCode, address: wordAt(frame, 2), count: wordAt(frame, 4) };
}

/**
 * Two bytes as a number, high byte first. A DataView would have V8 move the bytes of a small array out of its heap first.
 */
export function wordAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** Bytes of data that the answer carries: two per register. */
function answerDataLength(request: ReadRequest): number {
  return 2 * request.count;
}

/** Bytes of the whole answer frame. */
export function answerLength(request: ReadRequest): number {
  return 3 + answerDataLength(request) + 2;
}

/**
 * Finds the answer among received bytes, wherever it begins: noise, an echo of the question or another frame may stand
 * before it. Unit, function, byte count and CRC must all fit. undefined while there is none.
 */
export function findAnswer(received: Uint8Array, request: ReadRequest): Answer | undefined {
  for (let start = 0; start + EXCEPTION_LENGTH <= received.length; start++) {
    if (received[start] !== request.unit) continue;
    const exception = received[start + 1] === (request.functionCode | 0x80) ? received[start + 2] : undefined;
    const fits = exception !== undefined || isDataHeader(received, start, request);
    const end = start + (exception === undefined ? answerLength(request) : EXCEPTION_LENGTH);
    if (!fits || end > received.length) continue;
    const frame = start === 0 && end === received.length ? received : received.subarray(start, end);
    if (crcFits(frame)) return { frame, start, end, exception };
  }
  return undefined;
}

function isDataHeader(received: Uint8Array, start: number, request: ReadRequest): boolean {
  return received[start + 1] === request.functionCode && received[start + 2] === answerDataLength(request);
}

/** Why these bytes, taken as one frame, do not answer the request. Call it only when findAnswer found nothing. */
export function explainMismatch(received: Uint8Array, request: ReadRequest): Mismatch {
  if (isDataHeader(received, 0, request) && received[0] === request.unit) {
    return received.length < answerLength(request) ? 'short' : 'crc';
  }
  if (!crcFits(received)) return isMbap(received) ? 'mbap' : 'crc';
  if (received[0] !== request.unit) return 'unit';
  return received[1] === request.functionCode ? 'length' : 'function';
}

/** Whether these are messages of Modbus TCP (its header: transaction, protocol 0, length of the rest), of which an exception has nine bytes. */
function isMbap(received: Uint8Array): boolean {
  return received.length >= 9 && wordAt(received, 2) === 0 && wordAt(received, 4) === received.length - 6;
}

/** What a mismatch means, for messages. */
export const MISMATCH_TEXT: Readonly<Record<Mismatch, string>> = {
  crc: 'noise or a wrong CRC',
  unit: 'another unit answered',
  function: 'the answer is to another function',
  length: 'the answer carries another number of registers',
  short: 'the answer ends early',
  mbap: 'it speaks Modbus TCP, and was asked by RTU frames',
};

/** Received bytes without the question, which some RS-485 adapters send back. */
export function withoutEcho(received: Uint8Array, request: Uint8Array): Uint8Array {
  const echoed = received.length >= request.length && request.every((byte, index) => received[index] === byte);
  return echoed ? received.subarray(request.length) : received;
}
