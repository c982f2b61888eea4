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
  /** Another device answers there than the configuration says. */
  'other-meter': 7,
} as const;

/** Name of a sample status. */
export type SampleStatus = keyof typeof SAMPLE_STATUS;

/** Rules of plausibility, by whose number a sample marks the values that do not agree with them (docs/metering.md). */
export const SAMPLE_FLAGS = {
  /** The phases do not add up to the total. */
  'sum-of-phases': 1,
  /** Apparent power is not voltage times current. */
  'apparent-power': 2,
  /** The power factor is not active by apparent power. */
  'power-factor': 3,
  /** A voltage is beyond its band. */
  'voltage-band': 4,
  /** The frequency is beyond its band. */
  'frequency-band': 5,
  /** The counter did not count what the power says. */
  'energy-against-power': 6,
  /** A setting of the device that changes what its values mean is not what it was, or not what is configured. */
  'setting-changed': 7,
  /** The counter went back. */
  'counter-back': 8,
  /** The counter began anew at its end. */
  'counter-rolled-over': 9,
  /** The counter began anew before its end. */
  'counter-reset': 10,
  /** The counter shows 0 and did not before. */
  'counter-zero': 11,
  /** The counter went on by more than the analyser can count. */
  'counter-jumped': 12,
  /** Another device is in its place: the counter is another one. */
  'meter-exchanged': 13,
} as const;

/** Name of such a rule. */
export type SampleFlag = keyof typeof SAMPLE_FLAGS;

const FLAG_NAMES = new Map<number, SampleFlag>(Object.entries(SAMPLE_FLAGS).map(([name, code]) => [code, name as SampleFlag]));

/** Name of a rule by its number; `flag-N` for one that this version does not know. */
export function flagName(code: number): SampleFlag | `flag-${number}` {
  return FLAG_NAMES.get(code) ?? `flag-${code}`;
}

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
  /**
   * Who answers as an analyser, told at its first answer in an epoch and when it changes. Facts: [analyser, unit, profile, model or
   * null, serial number or null, firmware or null], as the device says them.
   */
  'meter-identified': 13,
  /** Another device answers there. Facts: [analyser, unit, profile, what it says of itself, [profiles that it looks like]]. */
  'meter-mismatch': 14,
  /** The device at an analyser's place is another one than before. Facts: [analyser, serial number before or null, now or null]. */
  'meter-exchanged': 15,
  /** A setting that changes what values mean is another one, or not what is configured. Facts: [analyser, setting, before, now]. */
  'setting-changed': 16,
  /** A counter went back. Facts, here and below: [analyser, quantity id, value before, value now]. */
  'counter-back': 17,
  /** A counter began anew at its end. */
  'counter-rolled-over': 18,
  /** A counter began anew before its end. */
  'counter-reset': 19,
  /** A counter shows 0 and did not before. */
  'counter-zero': 20,
  /** A counter went on by more than the analyser can count. */
  'counter-jumped': 21,
} as const;

/** Name of an event. */
export type EventCode = keyof typeof EVENT_CODES;
