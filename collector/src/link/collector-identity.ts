import type { Signer } from '@farola/shared';

/** Who this collector is, and the working keys it has at hand. */
export interface CollectorIdentity {
  readonly collectorId: string;
  readonly rootKey: Uint8Array;
  /** SHA-256 of the SubjectPublicKeyInfo of its certificate authority. */
  readonly pin: Uint8Array;
  readonly pollSigner: Signer;
  /** Signed keys statements, oldest first; the last is in force. */
  readonly keys: readonly Uint8Array[];
}
