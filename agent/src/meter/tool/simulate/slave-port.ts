/** Sends bytes to whoever asked. */
export type Respond = (bytes: Uint8Array) => void;

/** Port: the end of a line at which a simulated meter listens. */
export interface SlavePort {
  /** What a reader is to be told: a path, or host and port. */
  readonly address: string;
  /** Bytes as they arrive, with the way back; each caller of a network has its own. Called once. */
  listen(onBytes: (bytes: Uint8Array, respond: Respond) => void): void;
  /** Releases it. */
  close(): Promise<void>;
}
