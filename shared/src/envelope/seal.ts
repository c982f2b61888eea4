import { joinBytes } from '../bytes.js';
import { protectedHeader } from './protected-header.js';
import type { Signer } from './signature.js';
import { byteStringHead, toBeSigned } from './to-be-signed.js';

const TAG_AND_ARRAY = Uint8Array.of(0xd2, 0x84);
const EMPTY_MAP = Uint8Array.of(0xa0);

/** Signs a payload as a tagged COSE_Sign1 of this content type (RFC 9052 section 4.2). */
export function seal(contentType: string, payload: Uint8Array, signer: Signer): Uint8Array {
  const header = headerOf(contentType, signer);
  const signature = signer.sign(toBeSigned(header, payload));
  return joinBytes(
    TAG_AND_ARRAY,
    byteStringHead(header.length),
    header,
    EMPTY_MAP,
    byteStringHead(payload.length),
    payload,
    byteStringHead(signature.length),
    signature,
  );
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
