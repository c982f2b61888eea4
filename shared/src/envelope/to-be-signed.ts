import { MAJOR } from './cbor-cursor.js';
import { CborWriter } from './cbor-writer.js';

const CONTEXT = 'Signature1';
const NO_EXTERNAL_DATA = new Uint8Array(0);

const writer = new CborWriter();

/**
 * The Sig_structure that the signature covers: ["Signature1", protected header, h'', payload] as deterministic CBOR
 * (RFC 9052 section 4.4).
 */
export function toBeSigned(protectedHeader: Uint8Array, payload: Uint8Array): Uint8Array {
  writer.start();
  writer.head(MAJOR.array, 4);
  writer.text(CONTEXT);
  writer.byteString(protectedHeader);
  writer.byteString(NO_EXTERNAL_DATA);
  writer.byteString(payload);
  return writer.copy();
}
