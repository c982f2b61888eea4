import { counted } from '@farola/shared';
import { withCrc, wordAt } from './rtu-frame.js';

/** One message of Modbus TCP (Modbus Messaging on TCP/IP V1.0b, section 3.1.3). */
export interface Adu {
  /** 0 to 65535; a server sends that of the question. */
  readonly transaction: number;
  /** The same as an RTU frame: unit, PDU, CRC. */
  readonly rtuFrame: Uint8Array;
}

/** What was cut out of the bytes of a connection. */
export interface CutAdus {
  readonly adus: readonly Adu[];
  /** The beginning of a message that has not come whole. */
  readonly rest: Uint8Array;
  /** Why nothing after this can be read; undefined when all is well. */
  readonly broken: string | undefined;
}

const HEADER_BYTES = 6;
const NOTHING: Uint8Array = new Uint8Array();
/** That of Modbus. */
const PROTOCOL = 0;
const CRC_BYTES = 2;
/** Unit and function code; unit and the largest PDU. */
const LEAST_LENGTH = 2;
const MOST_LENGTH = 254;

/** Puts an RTU frame into a message of this transaction: header, unit, PDU, no CRC. */
export function encodeAdu({ transaction, rtuFrame }: Adu): Uint8Array {
  const length = rtuFrame.length - CRC_BYTES;
  const adu = new Uint8Array(HEADER_BYTES + length);
  putWord(adu, 0, transaction);
  putWord(adu, 2, PROTOCOL);
  putWord(adu, 4, length);
  for (let at = 0; at < length; at++) adu[HEADER_BYTES + at] = rtuFrame[at] ?? 0;
  return adu;
}

/** Cuts whole messages out of the bytes of a connection. Bytes that are no Modbus TCP leave no way to find the next message. */
export function cutAdus(bytes: Uint8Array): CutAdus {
  const adus: Adu[] = [];
  let at = 0;
  while (bytes.length - at >= HEADER_BYTES) {
    const protocol = wordAt(bytes, at + 2);
    const length = wordAt(bytes, at + 4);
    const broken = flawOf(protocol, length);
    if (broken !== undefined) return { adus, rest: bytes.subarray(at), broken };
    const end = at + HEADER_BYTES + length;
    if (end > bytes.length) break;
    adus.push({ transaction: wordAt(bytes, at), rtuFrame: withCrc(bytes.subarray(at + HEADER_BYTES, end)) });
    at = end;
  }
  return { adus, rest: at === bytes.length ? NOTHING : bytes.subarray(at), broken: undefined };
}

function putWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 8;
  bytes[at + 1] = word & 0xff;
}

function flawOf(protocol: number, length: number): string | undefined {
  if (protocol !== PROTOCOL)
    return `this is not Modbus TCP: protocol ${protocol}; a gateway that passes RTU frames on has the transport rtu-over-tcp`;
  if (length < LEAST_LENGTH || length > MOST_LENGTH) return `a message of Modbus TCP declares ${counted(length, 'byte')}`;
  return undefined;
}
