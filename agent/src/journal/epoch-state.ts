/** What the journal keeps of an epoch beside its entries. */
export interface EpochState {
  /** Order of the epochs, ascending. */
  readonly id: number;
  /** 8 bytes. */
  readonly epoch: Uint8Array;
  /** Entries up to here are gone; 0 when none is. */
  readonly floor: number;
  /** h(floor). */
  readonly floorHead: Uint8Array;
  /** Entries up to here may go: acknowledged, or gone already. Never below `floor`. */
  readonly acked: number;
  /** Number of the newest entry. */
  readonly last: number;
  /** h(last). */
  readonly head: Uint8Array;
  /** First of the entries up to `floor` that went without an ack; null when there is none. */
  readonly gapFrom: number | null;
  /** h(gapFrom - 1). */
  readonly gapPrev: Uint8Array | null;
  /** Number of the newest entry as it was when the epoch was saved last: that of a past one, whatever rows were lost since. */
  readonly end: number;
  /** The newest n at which an ack disagreed. */
  readonly disagreed: number | null;
}

/** An entry as it is stored. */
export interface StoredEntry {
  readonly n: number;
  readonly bytes: Uint8Array;
  /** h(n). */
  readonly head: Uint8Array;
}

/** Entries that cannot be proven any more, between two heads that can. */
export interface DamagedSpan {
  readonly from: number;
  readonly to: number;
  /** h(from - 1). */
  readonly prev: Uint8Array;
  /** h(to). */
  readonly head: Uint8Array;
}
