import { MAJOR } from './cbor-cursor.js';
import { CborWriter } from './cbor-writer.js';
import { COSE_SIGN1_TAG } from './cut-out.js';
import { protectedHeader } from './protected-header.js';
import type { Signer } from './signature.js';
import { toBeSigned } from './to-be-signed.js';

const writer = new CborWriter();

/** Signs a payload as a tagged COSE_Sign1 of this content type (RFC 9052 section 4.2). */
export function seal(contentType: string, payload: Uint8Array, signer: Signer): Uint8Array {
  const header = headerOf(contentType, signer);
  const signature = signer.sign(toBeSigned(header, payload));
  writer.start();
  writer.head(MAJOR.tag, COSE_SIGN1_TAG);
  writer.head(MAJOR.array, 4);
  writer.byteString(header);
  writer.head(MAJOR.map, 0);
  writer.byteString(payload);
  writer.byteString(signature);
  return writer.copy();
}

const headers = new WeakMap<Signer, Map<string, Uint8Array>>();

/** The protected header of a signer, which is the same for every message of a content type. */
function headerOf(contentType: string, signer: Signer): Uint8Array {
  let known = headers.get(signer);
  if (!known) headers.set(signer, (known = new Map<string, Uint8Array>()));
  let header = known.get(contentType);
  if (!header) known.set(contentType, (header = protectedHeader(contentType, signer.kid)));
  return header;
}
