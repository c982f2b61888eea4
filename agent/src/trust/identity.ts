import type { AsyncSigner } from '@farola/shared';

/**
 * Port: the LCU key. The seam for the TPM: an adapter that seals the seed to PCRs fills it alike.
 */
export interface KeyStore {
  /** The key; undefined when there is none. @throws FarolaError `state-file-invalid`, `permission-denied`, `disk-failure` */
  load(): Promise<AsyncSigner | undefined>;
  /** The key, made durable first when there was none. @throws FarolaError as `load` */
  loadOrCreate(): Promise<AsyncSigner>;
}

/** What this LCU became by enrolling. */
export interface Enrolment {
  readonly lcuId: string;
  readonly collectorId: string;
  /** Where the collector listens, `wss://host:port`. */
  readonly address: string;
  readonly rootKey: Uint8Array;
  /** The signed keys statement, COSE_Sign1. */
  readonly keys: Uint8Array;
  /** The LCU's public key that was enrolled. */
  readonly publicKey: Uint8Array;
  /** SHA-256 of the token's secret: the same token may be tried again. */
  readonly tokenHash: Uint8Array;
  /** The six words that the operator compares. */
  readonly words: readonly string[];
}

/** Port: keeps the enrolment. One caller at a time. */
export interface EnrolmentStore {
  /** The enrolment; undefined when there is none. @throws FarolaError `state-file-invalid`, `permission-denied`, `disk-failure` */
  load(): Promise<Enrolment | undefined>;
  /** Durable when it returns; the old one or the new one is there at any moment. @throws FarolaError as `load` */
  save(enrolment: Enrolment): Promise<void>;
}
