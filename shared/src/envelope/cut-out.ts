import { CborCursor, MAJOR, MalformedCbor } from './cbor-cursor.js';
import { LIMITS } from './limits.js';

/** The parts of a COSE_Sign1 as they stand in the received bytes, nothing parsed. */
export interface CutOut {
  /** The protected header, without its byte string head. */
  readonly protectedHeader: Uint8Array;
  readonly payload: Uint8Array;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

/** CBOR tag of COSE_Sign1, RFC 9052 section 2. */
export const COSE_SIGN1_TAG = 18;
const SIGNATURE_BYTES = 64;
const HEADER_LIMIT = 128;

/**
 * Cuts the four items out of a tagged COSE_Sign1 (RFC 9052 section 4.2) with an empty unprotected header. Size caps
 * come first, and the payload is not looked into. MalformedCbor with the reason for anything else.
 */
export function cutOut(signed: Uint8Array): CutOut {
  if (signed.length > LIMITS.signedBytes) throw new MalformedCbor(`larger than ${LIMITS.signedBytes} bytes`);
  return cutOutOf(signed);
}

/** As `cutOut`, for files, whose size has another cap. */
export function cutOutOf(signed: Uint8Array): CutOut {
  const cursor = new CborCursor(signed);
  if (cursor.expect(MAJOR.tag, 'tag 18') !== COSE_SIGN1_TAG) throw new MalformedCbor('tag 18 expected');
  if (cursor.expect(MAJOR.array, 'array of four') !== 4) throw new MalformedCbor('array of four expected');
  const protectedHeader = cursor.byteString('protected header', HEADER_LIMIT);
  if (cursor.expect(MAJOR.map, 'empty unprotected header') !== 0) throw new MalformedCbor('unprotected header is not empty');
  const payload = cursor.byteString('payload', signed.length);
  const signature = cursor.byteString('signature', SIGNATURE_BYTES);
  if (signature.length !== SIGNATURE_BYTES) throw new MalformedCbor(`signature of ${signature.length} bytes`);
  cursor.end();
  return { protectedHeader, payload, signature };
}
