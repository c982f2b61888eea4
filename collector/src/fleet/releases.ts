/** A code hash that release keys, or this collector, said something of. */
export interface StoredRelease {
  /** 32 bytes. */
  readonly codeHash: Uint8Array;
  /** The release file as it was added; null for a code hash that was only revoked here. */
  readonly file: Uint8Array | null;
  /** Wall time, ms since 1970 UTC. */
  readonly addedAtMs: number;
  /** Revoked, by an operator of this collector or by release keys: for ever. Null when it is not. */
  readonly revoked: { readonly atMs: number; readonly reason: string } | null;
}

/**
 * Port: what is said of code hashes. Any number of processes; each method is one transaction, durable when it returns, and
 * raises the version of the fleet. Errors: `disk-failure`, `ledger-corrupt`.
 */
export interface Releases {
  /** Keeps the newest file of a code hash. A revocation stays. */
  put(codeHash: Uint8Array, file: Uint8Array, atMs: number): void;
  /** Revokes a code hash, known or not; the first reason stays. @param file kept as by `put`, when release keys revoke it */
  revoke(codeHash: Uint8Array, reason: string, atMs: number, file?: Uint8Array): void;
  /** By time of addition, oldest first. */
  all(): readonly StoredRelease[];
}
