/** Kinds of entries, the first item of each. A number stands for ever for its kind; others are stored as unknown. */
export const ENTRY_KINDS = {
  /** Entry 1 of every epoch. */
  start: 1,
  /** New or changed analysers. */
  table: 2,
  /** The wall clock stepped, or was synchronised for the first time. */
  clock: 3,
  sample: 4,
  event: 5,
} as const;

/** Name of an entry kind. */
export type EntryKind = keyof typeof ENTRY_KINDS;

/** How the reading of an analyser went. */
export const SAMPLE_STATUS = {
  'complete': 0,
  /** Some values are null. */
  'partial': 1,
  'timeout': 2,
  'exception': 3,
  'malformed': 4,
  'line-unavailable': 5,
  /** It did not answer lately, and is left alone for now. */
  'not-asked': 6,
} as const;

/** Name of a sample status. */
export type SampleStatus = keyof typeof SAMPLE_STATUS;

/** Whose a profile is: `shipped` with the agent, and covered by its code hash; or `own`, a file of this LCU. */
export const PROFILE_ORIGINS = { shipped: 0, own: 1 } as const;

/** Name of such an origin. */
export type ProfileOrigin = keyof typeof PROFILE_ORIGINS;

/** Codes of events that the LCU records. */
export const EVENT_CODES = {
  /** The agent ends in order. */
  'stop': 1,
  /** An ack carried another h(n) than ours; nothing was deleted. Facts: [epoch, n, their head]. */
  'ack-disagrees': 2,
  /** Entries were evicted before they were acknowledged. Facts: [epoch, from, to]. */
  'evicted': 3,
  /** A damaged journal was set aside and this one begun in its place. Facts: [name of the file]. */
  'journal-set-aside': 4,
  /** Entries can no longer be proven: bytes were altered or lost on the disk. Facts: [epoch, from, to]. */
  'damaged': 5,
  /** Entries waited in memory for a disk that took none, until there was no more room. Facts: [how many]. */
  'entries-lost': 6,
  /**
   * The installed code is not what it was. Facts: [code hash before or null, code hash now or null, number of files,
   * [the first of them as text]]; null when it cannot be measured, and the text then says why.
   */
  'code-changed': 7,
  /** What the agent runs on, told once in each epoch. Facts: [platform hash, number of files]. */
  'platform-measured': 8,
  /** What the agent runs on is not what it was. Facts as of `code-changed`, with platform hashes. */
  'platform-changed': 9,
  /** A configuration of the collector proved itself and is kept. Facts: [sequence of the command, SHA-256 of the text, who sent it]. */
  'config-applied': 10,
  /** It did not, and the one before is in force again. Facts: [sequence, SHA-256 of the text, why]. */
  'config-rolled-back': 11,
  /** It was never tried. Facts: [sequence, SHA-256 of the text, code]. */
  'config-refused': 12,
} as const;

/** Name of an event. */
export type EventCode = keyof typeof EVENT_CODES;
