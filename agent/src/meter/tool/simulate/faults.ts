/** How a simulated meter misbehaves. */
export interface Faults {
  /** So many questions are answered, and none after. */
  readonly silentAfter?: number | undefined;
  /** Each answer takes so long, ms. */
  readonly delayMs?: number | undefined;
  /** Modbus exception in place of the answer. */
  readonly exception?: number | undefined;
  /** The answer comes so late, ms. */
  readonly lateMs?: number | undefined;
  /** Only each so many-th question is answered by exception or late; each one when it is not told. */
  readonly every?: number | undefined;
}

/** What becomes of a question: frame and when it leaves, ms after the question; undefined when nothing comes. */
export interface Reply {
  readonly frame: Uint8Array | undefined;
  readonly afterMs: number;
}
