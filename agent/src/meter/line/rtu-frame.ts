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

/** Why received bytes are no answer: `crc` also stands for plain noise. */
export type Mismatch = 'crc' | 'unit' | 'function' | 'length' | 'short';

/** CRC-16 of Modbus over serial line V1.02, appendix B: polynomial 0xA001, begins with 0xFFFF, low byte first on the wire. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  }
  return crc;
}

/** The bytes with their CRC behind them. */
export function withCrc(bytes: Uint8Array): Uint8Array {
  const crc = crc16(bytes);
  return Uint8Array.of(...bytes, crc & 0xff, crc >>> 8);
}

/** Whether the last two bytes are the CRC of those before. */
export function crcFits(frame: Uint8Array): boolean {
  if (frame.length < 4) return false;
  const crc = crc16(frame.subarray(0, -2));
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
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  return { unit: view.getUint8(0), functionCode, address: view.getUint16(2), count: view.getUint16(4) };
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
    const frame = received.slice(start, end);
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
  if (!crcFits(received)) return 'crc';
  if (received[0] !== request.unit) return 'unit';
  return received[1] === request.functionCode ? 'length' : 'function';
}

/** What a mismatch means, for messages. */
export const MISMATCH_TEXT: Readonly<Record<Mismatch, string>> = {
  crc: 'noise or a wrong CRC',
  unit: 'another unit answered',
  function: 'the answer is to another function',
  length: 'the answer carries another number of registers',
  short: 'the answer ends early',
};

/** Received bytes without the question, which some RS-485 adapters send back. */
export function withoutEcho(received: Uint8Array, request: Uint8Array): Uint8Array {
  const echoed = received.length >= request.length && request.every((byte, index) => received[index] === byte);
  return echoed ? received.subarray(request.length) : received;
}
