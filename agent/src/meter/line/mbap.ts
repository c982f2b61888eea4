import { withCrc } from './rtu-frame.js';

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
const CRC_BYTES = 2;
/** Unit and function code; unit and the largest PDU. */
const LEAST_LENGTH = 2;
const MOST_LENGTH = 254;

/** Puts an RTU frame into a message of this transaction: header, unit, PDU, no CRC. */
export function encodeAdu({ transaction, rtuFrame }: Adu): Uint8Array {
  const length = rtuFrame.length - CRC_BYTES;
  const adu = new Uint8Array(HEADER_BYTES + length);
  const view = new DataView(adu.buffer);
  view.setUint16(0, transaction);
  view.setUint16(4, length);
  adu.set(rtuFrame.subarray(0, length), HEADER_BYTES);
  return adu;
}

/** Cuts whole messages out of the bytes of a connection. Bytes that are no Modbus TCP leave no way to find the next message. */
export function cutAdus(bytes: Uint8Array): CutAdus {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const adus: Adu[] = [];
  let at = 0;
  while (bytes.length - at >= HEADER_BYTES) {
    const protocol = view.getUint16(at + 2);
    const length = view.getUint16(at + 4);
    const broken = flawOf(protocol, length);
    if (broken !== undefined) return { adus, rest: bytes.slice(at), broken };
    const end = at + HEADER_BYTES + length;
    if (end > bytes.length) break;
    adus.push({ transaction: view.getUint16(at), rtuFrame: withCrc(bytes.subarray(at + HEADER_BYTES, end)) });
    at = end;
  }
  return { adus, rest: bytes.slice(at), broken: undefined };
}

function flawOf(protocol: number, length: number): string | undefined {
  if (protocol !== 0) return `this is not Modbus TCP: protocol ${protocol}`;
  if (length < LEAST_LENGTH || length > MOST_LENGTH) return `a message of Modbus TCP declares ${length} bytes`;
  return undefined;
}
