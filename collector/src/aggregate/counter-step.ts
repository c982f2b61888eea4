import { sameBytes } from '@farola/shared';
import type { BreakReason, CounterPoint } from './quarter-summary.js';

/** What was counted between two samples, or why that is not known. */
export type CounterStep = { readonly counted: bigint } | { readonly reason: BreakReason };

/** What a counter may be ahead by at once, in Wh: some count in whole kWh, times the ratio of the transformers. */
const STEP_WH = 10_000n;
const MS_OF_HOUR = 3_600_000n;

/** Where counters begin anew: registers of 16, 31 and 32 bits, and the digits of a display, at their resolutions. */
const BINARY = [2n ** 16n, 2n ** 31n, 2n ** 32n];
const RESOLUTIONS = [1n, 10n, 100n, 1000n];
const DECIMAL = Array.from({ length: 10 }, (_, i) => 10n ** BigInt(i + 6));
const MODULI = [...BINARY.flatMap((modulus) => RESOLUTIONS.map((resolution) => modulus * resolution)), ...DECIMAL];
/** A counter that begins anew was within this part of its end, and is within it of its begin. */
const NEAR = 100n;

/**
 * What a counter counted from one sample to the next in time. Samples of one epoch whose numbers contradict their times
 * (the LCU's clock went back in between) are taken as they are, so that the sum over them is right.
 * @param signed whether the quantity may fall, as net energy may
 * @param marked samples near these, or these, that the LCU marks as the first of another meter
 */
export function counterStep(
  from: CounterPoint,
  to: CounterPoint,
  signed: boolean,
  marked: readonly CounterPoint[] = [from, to].filter(({ isOfOther }) => isOfOther),
): CounterStep {
  const inOneEpoch = sameBytes(from.at.epoch, to.at.epoch);
  if (!sameBytes(from.at.meter, to.at.meter)) return { reason: 'meter-exchanged' };
  if (inOneEpoch ? marked.some((first) => liesBetween(first, from, to)) : to.isOfOther) return { reason: 'meter-exchanged' };
  const counted = to.value - from.value;
  const size = counted < 0n ? -counted : counted;
  const backwards = inOneEpoch && to.at.n < from.at.n;
  if (counted < 0n && !signed && !backwards) return { reason: beganAnew(from.value, to.value) ? 'rollover' : 'reset' };
  return size > most(from, to) ? { reason: 'jump' } : { counted };
}

/** Whether the later of two samples of an epoch, in the order in which they were taken, is of the other meter and the earlier not. */
function liesBetween({ at: { epoch, n } }: CounterPoint, { at: a }: CounterPoint, { at: b }: CounterPoint): boolean {
  return n > Math.min(a.n, b.n) && n <= Math.max(a.n, b.n) && sameBytes(epoch, a.epoch);
}

/** The most that can be counted between two samples, Wh; for varh and VAh the same. */
function most(from: CounterPoint, to: CounterPoint): bigint {
  const ms = BigInt(Math.abs(to.at.takenAtMs - from.at.takenAtMs));
  return (BigInt(Math.max(from.at.ratedW, to.at.ratedW)) * ms) / MS_OF_HOUR + STEP_WH;
}

function beganAnew(before: bigint, after: bigint): boolean {
  return MODULI.some((end) => before < end && before >= end - end / NEAR && after >= 0n && after <= end / NEAR);
}
