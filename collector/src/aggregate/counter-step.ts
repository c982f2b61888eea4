import { sameBytes } from '@farola/shared';
import { ANY_PANEL_W, LEAST_W } from './meter-tag.js';
import type { PowerShown } from './power-shown.js';
import type { CounterPoint, CounterStep } from './quarter-summary.js';

/** What a counter may be ahead by at once, in Wh: some count in whole kWh, times the ratio of the transformers. */
const STEP_WH = 10_000n;
/** What a point may draw of what it shows: lamps that are switched on draw more for minutes, and not all may burn in the week that tells. */
const TIMES_SHOWN = 4;
const MS_OF_HOUR = 3_600_000n;

/** Where counters begin anew: registers of 16, 31 and 32 bits, and the digits of a display, at their resolutions. */
const BINARY = [2n ** 16n, 2n ** 31n, 2n ** 32n];
const RESOLUTIONS = [1n, 10n, 100n, 1000n];
const DECIMAL = Array.from({ length: 10 }, (_, i) => 10n ** BigInt(i + 6));
const MODULI = [...BINARY.flatMap((modulus) => RESOLUTIONS.map((resolution) => modulus * resolution)), ...DECIMAL];
/** A counter that begins anew was within this part of its end, and is within it of its begin. */
const NEAR = 100n;

/** What else is known about a step. */
export interface StepFacts {
  /** Samples near the two, or these, that the LCU marks as the first of another meter; of the two those that are when undefined. */
  readonly marked?: readonly CounterPoint[];
  /** The greatest power that the point shows around; asked where the transformers do not tell, and the step is large. */
  readonly shownW?: () => PowerShown;
}

/**
 * What a counter counted from one sample to the next in time. Samples of one epoch whose numbers contradict their times
 * (the LCU's clock went back in between) are taken as they are, so that the sum over them is right.
 * @param signed whether the quantity may fall, as net energy may
 */
export function counterStep(
  from: CounterPoint,
  to: CounterPoint,
  signed: boolean,
  { marked = [from, to].filter(({ isOfOther }) => isOfOther), shownW = () => undefined }: StepFacts = {},
): CounterStep {
  const inOneEpoch = sameBytes(from.at.epoch, to.at.epoch);
  if (!sameBytes(from.at.meter, to.at.meter)) return { reason: 'meter-exchanged' };
  if (inOneEpoch ? marked.some((first) => liesBetween(first, from, to)) : to.isOfOther) return { reason: 'meter-exchanged' };
  const counted = to.value - from.value;
  const size = counted < 0n ? -counted : counted;
  const backwards = inOneEpoch && to.at.n < from.at.n;
  if (counted < 0n && !signed && !backwards) return { reason: beganAnew(from.value, to.value) ? 'rollover' : 'reset' };
  return isTooMuch(size, from, to, shownW) ? { reason: 'jump' } : { counted };
}

/** Whether the later of two samples of an epoch, in the order in which they were taken, is of the other meter and the earlier not. */
function liesBetween({ at: { epoch, n } }: CounterPoint, { at: a }: CounterPoint, { at: b }: CounterPoint): boolean {
  return n > Math.min(a.n, b.n) && n <= Math.max(a.n, b.n) && sameBytes(epoch, a.epoch);
}

/** Whether it is more than can be counted between two samples: Wh; for varh and VAh the same. */
function isTooMuch(size: bigint, from: CounterPoint, to: CounterPoint, shownW: () => PowerShown): boolean {
  const ms = BigInt(Math.abs(to.at.takenAtMs - from.at.takenAtMs));
  const isAbove = (watts: number): boolean => size > (BigInt(watts) * ms) / MS_OF_HOUR + STEP_WH;
  if (from.at.ratedW !== null && to.at.ratedW !== null) return isAbove(Math.max(from.at.ratedW, to.at.ratedW));
  if (!isAbove(LEAST_W)) return false;
  const shown = shownW();
  return isAbove(shown === undefined ? ANY_PANEL_W : Math.min(ANY_PANEL_W, Math.max(LEAST_W, TIMES_SHOWN * shown)));
}

function beganAnew(before: bigint, after: bigint): boolean {
  return MODULI.some((end) => before < end && before >= end - end / NEAR && after >= 0n && after <= end / NEAR);
}
