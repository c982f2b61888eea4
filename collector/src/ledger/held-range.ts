/** Entries from..to of one epoch without a hole, with the chain at both ends. */
export interface HeldRange {
  readonly from: number;
  readonly to: number;
  /** h(from - 1). */
  readonly prev: Uint8Array;
  /** h(to). */
  readonly head: Uint8Array;
}
