import { CLOCK_TOLERANCE_MS, type Instant } from '@farola/shared';
import type { Anchor, ClockAnchors } from '../fleet/derived-state.js';
import { earliest, type EpochBounds, latest } from './bound.js';

/**
 * What the time of a reading rests on: the LCU's clock; its monotonic clock against the receipt or another contact of the
 * same boot; the same against the LCU's clock when that was set later; or nothing.
 */
export type Dating = 'lcu-clock' | 'age' | 'later-clock' | 'unknown';

/** When a sample was taken and what that rests on. */
export interface SampleTime {
  readonly takenAtMs: number;
  readonly dating: Dating;
  /**
   * The same moment on the collector's clock: receipt less age, both signed for; null when the boots differ, and of a latest
   * value of before that clock went back.
   */
  readonly observedAtMs: number | null;
  /** Of `unknown`: it was not taken earlier, as what came before it tells. Null when nothing does, and of other datings. */
  readonly notBeforeMs: number | null;
  /** Of `unknown`: it was not taken later. Null of other datings. */
  readonly notAfterMs: number | null;
}

/** What is known of a moment of an LCU beside what it says itself. */
export interface Circumstances {
  readonly receivedAtMs: number;
  /** Age at receipt by the monotonic clock, ms; undefined when the boots differ. */
  readonly ageMs?: number | undefined;
  /** What dates the boot. */
  readonly anchors?: ClockAnchors | undefined;
  /** What lies around the epoch. Asked where no contact in the boot dates it. */
  readonly bounds?: (() => EpochBounds) | undefined;
}

const NO_BOUNDS: EpochBounds = { after: undefined, before: undefined };

/** A moment on the collector's clock, by a contact in its boot; null when there was none. */
export function dateByContact({ monoMs }: Instant, { receivedAtMs, ageMs, anchors }: Circumstances): number | null {
  return observedAt(receivedAtMs, ageMs) ?? byAnchor(anchors?.contact, monoMs, receivedAtMs);
}

/**
 * Dates a sample. The LCU's wall clock counts when it was set, is not ahead of ours, and agrees with the age by the signed
 * monotonic clock, where one is known, or with the contacts before and after; else that age; else the LCU's clock as it
 * was set later in the boot; else the wall clock is shown for what it is worth, within what bounds the epoch.
 */
export function dateSample({ at }: { readonly at: Instant }, known: Circumstances): SampleTime {
  const { receivedAtMs, ageMs, anchors, bounds } = known;
  const observedAtMs = observedAt(receivedAtMs, ageMs);
  const dated = (takenAtMs: number, dating: Dating): SampleTime => {
    return { takenAtMs, dating, observedAtMs, notBeforeMs: null, notAfterMs: null };
  };
  const byContact = dateByContact(at, known);
  const around = byContact === null ? (bounds?.() ?? NO_BOUNDS) : NO_BOUNDS;
  const agrees = (wallMs: number): boolean =>
    byContact === null ? isWithin(around, at.monoMs, wallMs) : Math.abs(wallMs - byContact) <= CLOCK_TOLERANCE_MS;
  if (at.quality !== 'none' && at.wallMs <= receivedAtMs + CLOCK_TOLERANCE_MS && agrees(at.wallMs)) {
    return dated(at.wallMs, 'lcu-clock');
  }
  if (byContact !== null) return dated(byContact, 'age');
  const byClock = byAnchor(anchors?.clock, at.monoMs, receivedAtMs);
  if (byClock !== null && agrees(byClock)) return dated(byClock, 'later-clock');
  const { notBeforeMs, notAfterMs } = span(around, at.monoMs, receivedAtMs);
  const takenAtMs = Math.min(Math.max(at.wallMs, notBeforeMs ?? 0), notAfterMs);
  return { ...dated(takenAtMs, 'unknown'), notBeforeMs, notAfterMs };
}

/** The receipt less the age, not before 1970: an LCU can sign any age. Null when it is not known, or of the future. */
function observedAt(receivedAtMs: number, ageMs: number | undefined): number | null {
  return ageMs !== undefined && ageMs >= 0 ? Math.max(0, receivedAtMs - ageMs) : null;
}

/** A moment of the boot by one that is known; null when it would be later than the receipt. */
function byAnchor(anchor: Anchor | undefined, monoMs: number, receivedAtMs: number): number | null {
  const atMs = anchor && anchor.wallMs + monoMs - anchor.monoMs;
  return atMs !== undefined && atMs >= 0 && atMs <= receivedAtMs + CLOCK_TOLERANCE_MS ? atMs : null;
}

/** Whether contacts before and after let a clock be right: one clock of the LCU disproves no other. */
function isWithin({ after, before }: EpochBounds, monoMs: number, wallMs: number): boolean {
  if (after?.byContact && wallMs < earliest(after, monoMs) - CLOCK_TOLERANCE_MS) return false;
  return !(before?.byContact && wallMs > latest(before, monoMs) + CLOCK_TOLERANCE_MS);
}

/** Bounds that contradict each other are none; the receipt always is one. */
function span(
  { after, before }: EpochBounds,
  monoMs: number,
  receivedAtMs: number,
): { notBeforeMs: number | null; notAfterMs: number } {
  const notBeforeMs = after ? earliest(after, monoMs) : null;
  const notAfterMs = Math.max(0, Math.min(receivedAtMs, before ? latest(before, monoMs) : receivedAtMs));
  if (notBeforeMs === null || notBeforeMs <= notAfterMs) return { notBeforeMs, notAfterMs };
  return { notBeforeMs: null, notAfterMs: receivedAtMs };
}
