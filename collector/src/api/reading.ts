import {
  type AnalyserRow,
  CLOCK_TOLERANCE_MS,
  decodeEntry,
  formatValue,
  quantityById,
  type SampleEntry,
  type SampleStatus,
  type SampleValue,
} from '@farola/shared';
import type { Anchor, ClockAnchors, EpochTable } from '../fleet/derived-state.js';

/**
 * What the time of a reading rests on: the LCU's clock; its monotonic clock against the receipt or another contact of the
 * same boot; the same against the LCU's clock when that was set later; or nothing.
 */
export type Dating = 'lcu-clock' | 'age' | 'later-clock' | 'unknown';

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
  /** See SampleTime. */
  readonly observedAtMs: number | null;
  readonly status: SampleStatus;
  readonly values: readonly ReadingValue[];
  /** Identity of the entry: epoch in hexadecimal and number. */
  readonly epoch: string;
  readonly n: number;
  /** Whether it counts: false for what a quarantine bars. */
  readonly counts: boolean;
  /** Assurance level of the LCU as it is enrolled now: `A0` to `A3`. */
  readonly assurance: string;
}

/** When a sample was taken and what that rests on. */
export interface SampleTime {
  readonly takenAtMs: number;
  readonly dating: Dating;
  /** The same moment on the collector's clock: receipt less age, both signed for; null when the boots differ. */
  readonly observedAtMs: number | null;
}

/**
 * Dates a sample. The LCU's wall clock counts when it was set, is not ahead of ours, and agrees with the age by the signed
 * monotonic clock, where one is known; else that age; else the LCU's clock as it was set later in the boot; else the wall
 * clock is shown for what it is worth, never later than the receipt.
 * @param ageMs age at receipt by the monotonic clock; undefined when the boots differ
 * @param anchors what dates the boot of the sample, if it is known
 */
export function dateSample(
  { at }: SampleEntry,
  receivedAtMs: number,
  ageMs: number | undefined,
  anchors?: ClockAnchors,
): SampleTime {
  const observedAtMs = ageMs !== undefined && ageMs >= 0 ? receivedAtMs - ageMs : null;
  const byContact = observedAtMs ?? byAnchor(anchors?.contact, at.monoMs, receivedAtMs);
  const agrees = byContact === null || Math.abs(at.wallMs - byContact) <= CLOCK_TOLERANCE_MS;
  if (at.quality !== 'none' && at.wallMs <= receivedAtMs + CLOCK_TOLERANCE_MS && agrees) {
    return { takenAtMs: at.wallMs, dating: 'lcu-clock', observedAtMs };
  }
  if (byContact !== null) return { takenAtMs: byContact, dating: 'age', observedAtMs };
  const byClock = byAnchor(anchors?.clock, at.monoMs, receivedAtMs);
  if (byClock !== null) return { takenAtMs: byClock, dating: 'later-clock', observedAtMs };
  return { takenAtMs: Math.min(at.wallMs, receivedAtMs), dating: 'unknown', observedAtMs };
}

/** A moment of the boot by one that is known; null when it would be later than the receipt. */
function byAnchor(anchor: Anchor | undefined, monoMs: number, receivedAtMs: number): number | null {
  const atMs = anchor && anchor.wallMs + monoMs - anchor.monoMs;
  return atMs !== undefined && atMs >= 0 && atMs <= receivedAtMs + CLOCK_TOLERANCE_MS ? atMs : null;
}

/**
 * Age of a reading now, by the collector's clock, ms; undefined when it is not known: the boots differ, or that clock went
 * back since.
 */
export function ageOf({ observedAtMs }: SampleTime, nowMs: number): number | undefined {
  return observedAtMs === null || observedAtMs > nowMs ? undefined : nowMs - observedAtMs;
}

/** Rounds without a newer sample after which a latest value is called stale. */
const STALE_ROUNDS = 2;

/** Whether a latest value of this age is stale. @param roundMs length of a round, ms */
export function isStale(age: number | undefined, roundMs: number): boolean {
  return age === undefined || age > STALE_ROUNDS * roundMs;
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
  const values: ReadingValue[] = [];
  for (const [i, id] of (analyser?.quantities ?? []).entries()) {
    if (!only || only.has(quantityById(id)?.name ?? `unknown-${id}`)) values.push(valueOf(id, sample.values[i] ?? null));
  }
  return values;
}

function valueOf(id: number, value: SampleValue): ReadingValue {
  const quantity = quantityById(id);
  if (!quantity) return { quantity: `unknown-${id}`, unit: '?', value: value === null ? null : String(value) };
  const { name, unit, decimals } = quantity;
  return { quantity: name, unit, value: value === null ? null : formatValue(value, decimals) };
}
