/** Bounds of what is accepted from the other side, in bytes unless said otherwise (DESIGN: caps before anything). */
export const LIMITS = {
  /** A whole WebSocket message. */
  frameBytes: 256 * 1024,
  /** The signed part of a frame. */
  signedBytes: 32 * 1024,
  /** The encoded entries beside the signature of one answer, before compression. */
  answerEntryBytes: 128 * 1024,
  /** Entries of one answer, a number. */
  answerEntries: 256,
  /** One entry. */
  entryBytes: 8 * 1024,
  /** Arrays and maps inside each other, a number. */
  depth: 8,
} as const;
