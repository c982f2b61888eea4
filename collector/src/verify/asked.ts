import type { BatchDecoder, Want } from '@farola/shared';

/** A poll that waits for its answer, and the connection that it went to: what an answer is held against. */
export interface Asked {
  readonly lcuId: string;
  /** Public key of this connection's LCU, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** The one protected header that an answer under this key may carry. */
  readonly answerHeader: Uint8Array;
  readonly boot: Uint8Array;
  /** Epoch of the connection, the present one of the LCU. */
  readonly epoch: Uint8Array;
  readonly pollId: number;
  readonly nonce: Uint8Array;
  /** SHA-256 of the signed poll. */
  readonly pollHash: Uint8Array;
  readonly want: Want;
  /** Byte strings that the answer is likely to hold: what is parsed of it shares them. */
  readonly known: readonly Uint8Array[];
  /** Decodes the coded entries of this connection. */
  readonly batches: Pick<BatchDecoder, 'decode'>;
  /** When the poll was sent, on the collector's monotonic clock, ms. */
  readonly sentMonoMs: number;
  readonly deadlineMs: number;
  /** Monotonic time in the LCU's last verified answer of this connection, ms; 0 before the first. */
  readonly lastMonoMs: number;
}
