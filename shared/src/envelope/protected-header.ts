import { encodeCbor } from './cbor.js';

/** COSE header parameters, RFC 9052 section 3.1. */
const ALG = 1;
const CONTENT_TYPE = 3;
const KID = 4;
/** COSE algorithm EdDSA, RFC 9053 section 2.2. */
const EDDSA = -8;

/**
 * The one protected header that a message of this content type under this key may carry: alg, content type, kid.
 * Receivers compare it byte for byte and never parse it, so no signature can be shown as another kind.
 */
export function protectedHeader(contentType: string, kid: Uint8Array): Uint8Array {
  return encodeCbor(
    new Map<number, number | string | Uint8Array>([
      [ALG, EDDSA],
      [CONTENT_TYPE, contentType],
      [KID, kid],
    ]),
  );
}

/**
 * The key id at the end of a protected header of this content type; undefined when the rest is not as expected. For the
 * one message whose sender is not known before it is read, the hello-answer.
 */
export function kidInHeader(header: Uint8Array, contentType: string, kidBytes: number): Uint8Array | undefined {
  if (header.length < kidBytes) return undefined;
  const kid = header.subarray(header.length - kidBytes);
  return Buffer.compare(header, protectedHeader(contentType, kid)) === 0 ? kid : undefined;
}
