import { joinBytes } from '../bytes.js';

const CONTEXT = Buffer.concat([Uint8Array.of(0x84, 0x6a), Buffer.from('Signature1')]);
const NO_EXTERNAL_DATA = Uint8Array.of(0x40);

/**
 * The Sig_structure that the signature covers: ["Signature1", protected header, h'', payload] as deterministic CBOR
 * (RFC 9052 section 4.4).
 */
export function toBeSigned(protectedHeader: Uint8Array, payload: Uint8Array): Uint8Array {
  return joinBytes(
    CONTEXT,
    byteStringHead(protectedHeader.length),
    protectedHeader,
    NO_EXTERNAL_DATA,
    byteStringHead(payload.length),
    payload,
  );
}

/** CBOR unsigned integer below 2^32, in its shortest form. */
export function uintHead(value: number): Uint8Array {
  return head(0x00, value);
}

/** Head of a CBOR byte string of this length, in its shortest form. */
export function byteStringHead(length: number): Uint8Array {
  return head(0x40, length);
}

/** Head of a CBOR array of this many items, in its shortest form. */
export function arrayHead(count: number): Uint8Array {
  return head(0x80, count);
}

function head(major: number, argument: number): Uint8Array {
  if (argument < 24) return Uint8Array.of(major | argument);
  if (argument < 0x100) return Uint8Array.of(major | 24, argument);
  if (argument < 0x10000) return Uint8Array.of(major | 25, argument >> 8, argument & 255);
  const bytes = Buffer.alloc(5);
  bytes[0] = major | 26;
  bytes.writeUInt32BE(argument, 1);
  return bytes;
}
