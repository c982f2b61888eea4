import {
  contentTypeOf,
  cutSigned,
  kidOf,
  type MessageType,
  parseMessage,
  protectedHeader,
  refuse,
  type Result,
  sameBytes,
  toBeSigned,
  type Verify,
} from '@farola/shared';
import type { z } from 'zod';

/**
 * Opens many signed messages of one kind, each of which one of a few keys must have signed: as `openSigned` of shared,
 * with the headers of the keys made once.
 */
export class SignedBy<Schema extends z.ZodObject> {
  readonly #type: MessageType<Schema>;
  readonly #verify: Verify;
  readonly #headers: readonly { readonly header: Uint8Array; readonly publicKey: Uint8Array }[];

  constructor(type: MessageType<Schema>, publicKeys: readonly Uint8Array[], verify: Verify) {
    this.#type = type;
    this.#verify = verify;
    const contentType = contentTypeOf(type);
    this.#headers = publicKeys.map((publicKey) => ({ publicKey, header: protectedHeader(contentType, kidOf(publicKey)) }));
  }

  /** Shape, header, signature, strict parse, in this order; refuses with the code of the first that fails. */
  open(signed: Uint8Array): Result<z.output<Schema>> {
    const cut = cutSigned(signed);
    if (!cut.ok) return cut;
    const { protectedHeader: header, payload, signature } = cut.value;
    const { kind } = this.#type;
    const publicKey = this.#headers.find((one) => sameBytes(one.header, header))?.publicKey;
    if (!publicKey) return refuse('header-unexpected', { kind });
    if (!this.#verify(publicKey, toBeSigned(header, payload), signature)) return refuse('signature-invalid', { kind });
    return parseMessage(this.#type, payload);
  }
}
