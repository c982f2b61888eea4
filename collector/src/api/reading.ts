import {
  type AnalyserRow,
  decodeEntry,
  formatValue,
  quantityById,
  type SampleEntry,
  type SampleStatus,
  type SampleValue,
} from '@farola/shared';
import type { EpochTable } from '../fleet/fleet.js';

/** What the time of a reading rests on: the LCU's clock, its age by the monotonic clock, or nothing. */
export type Dating = 'lcu-clock' | 'age' | 'unknown';

/** One value of a reading, written in its unit. */
export interface ReadingValue {
  /** Name of the quantity; `unknown-ID` when this version does not know it. */
  readonly quantity: string;
  readonly unit: string;
  /** Null when it is missing. */
  readonly value: string | null;
}

/** One sample as an operator sees it. */
export interface Reading {
  readonly lcuId: string;
  /** Measuring point, `panel/analyser`. */
  readonly point: string;
  /** Wall time, ms since 1970 UTC. */
  readonly takenAtMs: number;
  readonly dating: Dating;
  readonly status: SampleStatus;
  readonly values: readonly ReadingValue[];
  /** Identity of the entry: epoch in hexadecimal and number. */
  readonly epoch: string;
  readonly n: number;
}

/** When a sample was taken and what that rests on. */
export interface SampleTime {
  readonly takenAtMs: number;
  readonly dating: Dating;
}

/**
 * Dates a sample. The LCU's wall clock counts when it was set; else the age at receipt, when both clocks are of one
 * boot; else the wall clock is shown for what it is worth.
 * @param ageMs age at receipt by the monotonic clock; undefined when the boots differ
 */
export function dateSample(sample: SampleEntry, receivedAtMs: number, ageMs: number | undefined): SampleTime {
  if (sample.at.quality !== 'none') return { takenAtMs: sample.at.wallMs, dating: 'lcu-clock' };
  if (ageMs !== undefined && ageMs >= 0) return { takenAtMs: receivedAtMs - ageMs, dating: 'age' };
  return { takenAtMs: sample.at.wallMs, dating: 'unknown' };
}

/** The sample of an entry's bytes; undefined for every other kind. */
export function sampleOf(entry: Uint8Array): SampleEntry | undefined {
  const decoded = decodeEntry(entry);
  return decoded.kind === 'sample' ? decoded : undefined;
}

/** The analyser that a sample's index names; undefined while the table of its epoch is not here. */
export function analyserOf(table: EpochTable | undefined, sample: SampleEntry): AnalyserRow | undefined {
  return table?.analysers.find(({ index }) => index === sample.analyser);
}

/** The values of a sample by the quantities of its analyser. @param only names of the quantities asked, or all */
export function valuesOf(sample: SampleEntry, analyser: AnalyserRow | undefined, only?: ReadonlySet<string>): ReadingValue[] {
  const named = (analyser?.quantities ?? []).map((id, i) => valueOf(id, sample.values[i] ?? null));
  return only ? named.filter(({ quantity }) => only.has(quantity)) : named;
}

function valueOf(id: number, value: SampleValue): ReadingValue {
  const quantity = quantityById(id);
  if (!quantity) return { quantity: `unknown-${id}`, unit: '?', value: value === null ? null : String(value) };
  const { name, unit, decimals } = quantity;
  return { quantity: name, unit, value: value === null ? null : formatValue(value, decimals) };
}
