import { type AnalyserRow, encodeCbor, sha256 } from '@farola/shared';

const TAG_BYTES = 8;

/**
 * What tells one meter from another: profile, serial number, transformer ratios. Where no serial number is told, a meter
 * behind another LCU is taken for another.
 */
export function meterTag({ profileId, serialNumber, ctRatio, vtRatio }: AnalyserRow, lcuNo: number): Uint8Array {
  const identity = [profileId, serialNumber, ctRatio, vtRatio, serialNumber === null ? lcuNo : null];
  return sha256(encodeCbor(identity)).subarray(0, TAG_BYTES);
}

/** More than any panel of public lighting draws, W. */
export const ANY_PANEL_W = 1_000_000;
/** No bound is below, W: a ratio may be entered wrongly. */
export const LEAST_W = 50_000;
/** Three phases of 230 V at twice the rated current, V. */
const TWICE_RATED_V = 2 * 3 * 230;

/**
 * Most that can be drawn at an analyser, W: twice what its current transformers are made for, at low voltage. Null where they are not
 * told, and where there are voltage transformers as well.
 */
export function ratedPower({ ctRatio, vtRatio }: AnalyserRow): number | null {
  if (!ctRatio || vtRatio) return null;
  return Math.min(ANY_PANEL_W, Math.max(LEAST_W, ctRatio[0] * TWICE_RATED_V));
}
