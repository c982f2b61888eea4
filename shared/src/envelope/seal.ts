import { MAJOR } from './cbor-cursor.js';
import { CborWriter } from './cbor-writer.js';
import { COSE_SIGN1_TAG } from './cut-out.js';
import { protectedHeader } from './protected-header.js';
import type { AsyncSigner, Signer } from './signature.js';
import { toBeSigned } from './to-be-signed.js';

const writer = new CborWriter();

/** Signs a payload as a tagged COSE_Sign1 of this content type (RFC 9052 section 4.2). */
export function seal(contentType: string, payload: Uint8Array, signer: Signer): Uint8Array {
  const header = headerOf(contentType, signer);
  return sealed(header, payload, signer.sign(toBeSigned(header, payload)));
}

/** As `seal`. @throws FarolaError of the signer */
export async function sealAsync(contentType: string, payload: Uint8Array, signer: AsyncSigner): Promise<Uint8Array> {
  const header = headerOf(contentType, signer);
  return sealed(header, payload, await signer.sign(toBeSigned(header, payload)));
}

function sealed(header: Uint8Array, payload: Uint8Array, signature: Uint8Array): Uint8Array {
  writer.start();
  writer.head(MAJOR.tag, COSE_SIGN1_TAG);
  writer.head(MAJOR.array, 4);
  writer.byteString(header);
  writer.head(MAJOR.map, 0);
  writer.byteString(payload);
  writer.byteString(signature);
  return writer.copy();
}

const headers = new WeakMap<Pick<Signer, 'kid'>, Map<string, Uint8Array>>();

/** The protected header of a signer, which is the same for every message of a content type. */
function headerOf(contentType: string, signer: Pick<Signer, 'kid'>): Uint8Array {
  let known = headers.get(signer);
  if (!known) headers.set(signer, (known = new Map<string, Uint8Array>()));
  let header = known.get(contentType);
  if (!header) known.set(contentType, (header = protectedHeader(contentType, signer.kid)));
  return header;
}
