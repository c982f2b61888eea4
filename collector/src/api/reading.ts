import {
  type AnalyserRow,
  decodeEntry,
  formatValue,
  type ProfileOrigin,
  quantityById,
  type SampleEntry,
  type SampleStatus,
} from '@farola/shared';
import type { EpochTable } from '../fleet/derived-state.js';
import type { Dating, SampleTime } from './date-sample.js';
import { broughtValues, type FlagName, marksByPlace } from './sample-values.js';

/** What is known of one sample as it was delivered. */
export interface ReadingSample {
  /** Wall time, ms since 1970 UTC. */
  readonly takenAtMs: number;
  readonly dating: Dating;
  /** See SampleTime. */
  readonly observedAtMs: number | null;
  readonly notBeforeMs: number | null;
  readonly notAfterMs: number | null;
  readonly status: SampleStatus;
  /** The register map that it was read by, and whose that is; null while the table of its epoch is not here. */
  readonly profileId: string | null;
  readonly profileOrigin: ProfileOrigin | null;
  /** Seconds from sample to sample of its scan group; null as the profile. */
  readonly periodS: number | null;
  /** Identity of the entry: epoch in hexadecimal and number. */
  readonly epoch: string;
  readonly n: number;
  /** Number of the chain among those of its epoch: 0, or more where the epoch was signed in several ways. */
  readonly branch: number;
  /** Whether it counts: false for what a quarantine bars. */
  readonly counts: boolean;
}

/** One value of a reading, written in its unit. */
export interface ReadingValue {
  /** Name of the quantity; `unknown-ID` when this version does not know it. */
  readonly quantity: string;
  readonly unit: string;
  /** Null when it is missing. */
  readonly value: string | null;
  /** When it was asked, as the times of its sample. */
  readonly takenAtMs: number;
  readonly observedAtMs: number | null;
  /** The rules of plausibility that it does not agree with. */
  readonly flags: readonly FlagName[];
  readonly sample: ReadingSample;
}

/** A sample as an operator sees it; or the latest ones of a measuring point, where it is the newest of them and each value has its own. */
export interface Reading extends ReadingSample {
  readonly lcuId: string;
  /** Measuring point, `panel/analyser`. */
  readonly point: string;
  readonly values: readonly ReadingValue[];
  /** Assurance level of the LCU as it is enrolled now: `A0` to `A3`. */
  readonly assurance: string;
}

/**
 * Age of a reading now, by the collector's clock, ms; undefined when it is not known: the boots differ, or that clock went
 * back since.
 */
export function ageOf({ observedAtMs }: Pick<SampleTime, 'observedAtMs'>, nowMs: number): number | undefined {
  return observedAtMs === null || observedAtMs > nowMs ? undefined : nowMs - observedAtMs;
}

/** Rounds without a newer sample after which a latest value is called stale, beside the time that passes between two samples. */
const STALE_ROUNDS = 2;

/**
 * Whether a latest value of this age is stale.
 * @param roundMs length of a round, ms
 * @param periodS seconds between two samples of its scan group; null where that is not known
 */
export function isStale(age: number | undefined, roundMs: number, periodS: number | null = null): boolean {
  return age === undefined || age > STALE_ROUNDS * roundMs + (periodS ?? 0) * 1_000;
}

/** The sample of an entry's bytes; undefined for every other kind. */
export function sampleOf(entry: Uint8Array): SampleEntry | undefined {
  const decoded = decodeEntry(entry);
  return decoded.kind === 'sample' ? decoded : undefined;
}

/** The row of the analyser table that a sample's index names; undefined while the table of its epoch is not here. */
export function analyserOf(table: EpochTable | undefined, sample: SampleEntry): AnalyserRow | undefined {
  return table?.analysers.find(({ index }) => index === sample.analyser);
}

/** A quantity of an analyser as it is written, and where its value stands in a sample. */
export interface QuantityColumn {
  readonly place: number;
  readonly quantity: string;
  readonly unit: string;
  readonly decimals: number;
}

/** The quantities of an analyser. @param only names of the quantities asked, or all */
export function columnsOf(analyser: AnalyserRow, only?: ReadonlySet<string>): readonly QuantityColumn[] {
  const columns = analyser.quantities.map((id, place) => columnOf(id, place));
  return only ? columns.filter(({ quantity }) => only.has(quantity)) : columns;
}

function columnOf(id: number, place: number): QuantityColumn {
  const quantity = quantityById(id);
  if (!quantity) return { place, quantity: `unknown-${id}`, unit: '?', decimals: 0 };
  return { place, quantity: quantity.name, unit: quantity.unit, decimals: quantity.decimals };
}

/** The values of a sample, by the quantities of its row of the analyser table. @param sample what is known of it */
export function valuesOf(entry: SampleEntry, columns: readonly QuantityColumn[], sample: ReadingSample): ReadingValue[] {
  const marks = marksByPlace(entry);
  const values = broughtValues(entry.status) ? entry.values : [];
  const { takenAtMs, observedAtMs } = sample;
  return columns.map(({ place, quantity, unit, decimals }) => {
    const value = values[place] ?? null;
    const { offsetMs, flags } = marks(place);
    return {
      quantity,
      unit,
      value: value === null ? null : formatValue(value, decimals),
      takenAtMs: takenAtMs + offsetMs,
      observedAtMs: observedAtMs === null ? null : observedAtMs + offsetMs,
      flags,
      sample,
    };
  });
}
