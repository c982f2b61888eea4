/** Port: signs a message with one Ed25519 key (RFC 8032); 64 bytes. Synchronous, any number of callers. */
export type Sign = (message: Uint8Array) => Uint8Array;

/**
 * Port: whether the signature is that of the message under the key (RFC 8032). False for a wrong length, S not below
 * the group order, or a small-order key; never throws. Any number of callers.
 */
export type Verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

/** A key that signs, with the name that receivers know it by. */
export interface Signer {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** First 8 bytes of SHA-256 of the public key. */
  readonly kid: Uint8Array;
  readonly sign: Sign;
}

/** As `Signer`, for whoever must not wait in place: it signs in the order in which it is asked. Any number of callers. */
export interface AsyncSigner extends Omit<Signer, 'sign'> {
  /** @throws FarolaError `internal` when it could not */
  readonly sign: (message: Uint8Array) => Promise<Uint8Array>;
}
