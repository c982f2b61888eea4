/** Width of the number of entries, at most LIMITS.answerEntries. */
export const ENTRIES_BITS = 9;
/** Width of the length of an entry that stands as it is, at most LIMITS.entryBytes. */
export const LENGTH_BITS = 14;

/** Where a batch belongs in its epoch. */
export interface BatchPlace {
  /** 8 bytes. */
  readonly epoch: Uint8Array;
  /** Number of its first entry. */
  readonly from: number;
}
