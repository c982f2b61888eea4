import type { Cbor, EventCode, OffsetRun, SampleValue, ValueFlag } from '@farola/shared';
import type { Reading } from '../reading.js';

/** What is judged of a reading. Without offsets its values are taken as asked for one after the other, evenly. */
export type JudgedReading = Pick<Reading, 'startedAt' | 'spanMs' | 'values' | 'deviceMarks'> & {
  readonly offsets?: readonly OffsetRun[];
};

/** What a counter did, as an event of the journal. */
export interface CounterEvent {
  readonly code: EventCode;
  /** Analyser, id of the quantity, value before, value now. */
  readonly facts: readonly Cbor[];
}

/** What is not plausible in one reading. */
export interface Findings {
  /** As the marks of the sample carry them. */
  readonly flags: readonly ValueFlag[];
  /** What happened to counters, in the order of the values. */
  readonly events: readonly CounterEvent[];
}

/** Nothing is wrong. */
export const NO_FINDINGS: Findings = { flags: [], events: [] };

/** A counter as an earlier run showed it last. */
export interface RecalledCounter {
  /** Id of the quantity. */
  readonly quantity: number;
  readonly shown: SampleValue;
  /** On the monotonic clock of this run, ms, below zero where it was before this boot; NaN when nothing tells. */
  readonly atMs: number;
}
