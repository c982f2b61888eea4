import type { Instant } from '../clock.js';
import type { Cbor } from '../envelope/cbor.js';
import type { EventCode, ProfileOrigin, SampleStatus } from './kinds.js';

/**
 * One scan group of an analyser as the LCU knows it: quantities that are read together, at one period. Rows of one `id` are of one
 * analyser. `index` is given once in an epoch and never to another row.
 */
export interface AnalyserRow {
  readonly index: number;
  readonly id: string;
  readonly line: string;
  /** Modbus unit, 1 to 247. */
  readonly unit: number;
  readonly profileId: string;
  /** SHA-256 of the profile file. */
  readonly profileHash: Uint8Array;
  /** Whose the profile is. */
  readonly profileOrigin: ProfileOrigin;
  readonly serialNumber: string | null;
  /** Primary and secondary of the current and voltage transformers as configured; null when not told. */
  readonly ctRatio: readonly [number, number] | null;
  readonly vtRatio: readonly [number, number] | null;
  /** Quantity ids in the order of a sample's values. */
  readonly quantities: readonly number[];
  /** From sample to sample, seconds, 1 to 3600. */
  readonly periodS: number;
}

/** The epoch before, as its last entry left it. */
export interface PreviousEpoch {
  readonly epoch: Uint8Array;
  readonly n: number;
  readonly head: Uint8Array;
}

/** A value of a sample, as an integer with the decimals of its quantity; null when it is missing. */
export type SampleValue = number | bigint | null;

interface At {
  readonly at: Instant;
}

/** Entry 1 of an epoch: what this run of the agent is. */
export interface StartEntry extends At {
  readonly kind: 'start';
  readonly boot: Uint8Array;
  readonly previous: PreviousEpoch | null;
  readonly codeHash: Uint8Array | null;
  readonly configHash: Uint8Array;
  readonly agentVersion: string;
  readonly analysers: readonly AnalyserRow[];
}

/** Analysers that are new or changed since the start, under new indexes; `retired` are read no more. */
export interface TableEntry extends At {
  readonly kind: 'table';
  readonly analysers: readonly AnalyserRow[];
  readonly retired: readonly number[];
}

/** The wall clock was changed: what it would have said at this moment, and how it was believed. */
export interface ClockEntry extends At {
  readonly kind: 'clock';
  readonly before: Instant;
}

/** So many values, one after the other, that one request read, and when it was sent: ms after `at` of the sample. */
export interface OffsetRun {
  readonly count: number;
  readonly ms: number;
}

/** Values that a rule finds not plausible; they stand as they were read. */
export interface ValueFlag {
  /** Number of the rule (SAMPLE_FLAGS); one that this version does not know may come from a later one. */
  readonly code: number;
  /** Places among the values, ascending; one at the least. */
  readonly places: readonly number[];
}

/** What a sample says of its values beside their size. */
export interface SampleMarks {
  /** When each value was asked for, by runs over all values; empty when one request read them all, at `at`. */
  readonly offsets: readonly OffsetRun[];
  /** By code, ascending. */
  readonly flags: readonly ValueFlag[];
}

/** One reading of one scan group. `at` is when its first request was sent, `spanMs` how long it took from then on. */
export interface SampleEntry extends At {
  readonly kind: 'sample';
  readonly analyser: number;
  readonly spanMs: number;
  readonly status: SampleStatus;
  /** In the order of the analyser's quantities; empty when nothing was read. */
  readonly values: readonly SampleValue[];
  /** Left out where there is nothing to say. */
  readonly marks?: SampleMarks | undefined;
}

/** Something that happened. `facts` depend on the code. */
export interface EventEntry extends At {
  readonly kind: 'event';
  readonly code: EventCode;
  readonly facts: readonly Cbor[];
}

/** Well-formed bytes that this version cannot read. */
export interface UnknownEntry {
  readonly kind: 'unknown';
}

/** What the LCU writes. */
export type KnownEntry = StartEntry | TableEntry | ClockEntry | SampleEntry | EventEntry;

/** What may be read back. */
export type Entry = KnownEntry | UnknownEntry;
