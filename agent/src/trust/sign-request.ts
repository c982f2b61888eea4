/** What a signing thread is asked, with a copy of what it needs each time: it keeps nothing. */
export type SignRequest =
  /** The public key of a seed, 32 bytes. */
  | { readonly do: 'publicKey'; readonly seed: Uint8Array }
  /** The signature of a message by a secret key: the seed, and the public key behind it; 64 bytes. */
  | { readonly do: 'sign'; readonly secretKey: Uint8Array; readonly message: Uint8Array };
