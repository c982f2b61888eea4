import type { Profile, ProfileRow } from '../../profile/profile.js';
import { partsOf, spanOf } from '../../profile/profile.js';
import type { RegisterAnswers } from '../read-registers.js';
import { wordsAt } from '../read-registers.js';
import { REGISTER_ORDERS } from '../register-order.js';
import { changedValue, orderOfRow } from './changed-row.js';
import type { RowChange } from './changed-row.js';
import { errorOf, powerOfTen, TOLERANCE } from './expectation.js';
import type { Expectation } from './expectation.js';

/** Maps are wrong by so many registers: printed numbers for addresses, a register left out. */
export const OFFSET_MOST = 3;

/** A coarse register, such as one of whole kW, may be a step further off, as long as that is no more than this share. */
const STEP_MOST = 0.1;

/** What came of the registers that the profile names: of IWMAC's modpoll console, whose words say what a reader needs to know. */
export type RowVerdict = 'read' | 'zero' | 'refused' | 'no answer' | 'not polled';

/** One quantity as it is, and as it would be right. */
export interface QuantityFinding {
  readonly quantity: ProfileRow['quantity'];
  readonly expected: number;
  readonly verdict: RowVerdict;
  /** By the profile as it is, in the unit of the quantity; null where there is none. */
  readonly shows: number | null;
  /** Whether that is what was expected. */
  readonly agrees: boolean;
  /** With the change that is proposed: the value, and the power of ten that its scale has to be multiplied by; null where that does not fit either. */
  readonly fits: { readonly value: number; readonly power: number } | null;
}

/** What a doctor finds. */
export interface Diagnosis {
  readonly findings: readonly QuantityFinding[];
  /** What has to be changed of all rows, in registers and order; null where the order of each row is right and nothing lies elsewhere. */
  readonly change: RowChange | null;
  /** Quantities that fit with it. */
  readonly fitting: number;
}

/** What was read for one expectation; undefined when nothing answered. */
export type Readout = RegisterAnswers | undefined;

interface Asked extends Expectation {
  readonly row: ProfileRow | undefined;
  readonly readout: Readout;
}

/**
 * Finds the one offset and order by which most quantities are what the display shows, be it by another power of ten; of several the one that changes
 * least, then the nearest one.
 * @param readouts by the place of the expectation
 */
export function diagnose(profile: Profile, expectations: readonly Expectation[], readouts: readonly Readout[]): Diagnosis {
  const asked = expectations.map((one, index): Asked => {
    const row = profile.rows.find(({ quantity }) => quantity === one.quantity);
    return { ...one, row, readout: readouts[index] };
  });
  const changes = [undefined, ...everyChange()];
  const best = changes
    .map((change) => ({ change, ...scoreOf(profile, asked, change) }))
    .toSorted((a, b) => b.fitting - a.fitting || a.cost - b.cost || a.error - b.error)[0];
  const change = best?.change;
  const findings = asked.map((one) => findingOf(profile, one, change));
  return { findings, change: best && best.fitting > 0 ? (change ?? null) : null, fitting: best?.fitting ?? 0 };
}

function everyChange(): RowChange[] {
  const offsets = Array.from({ length: 2 * OFFSET_MOST + 1 }, (_, index) => index - OFFSET_MOST);
  return offsets.flatMap((offset) => REGISTER_ORDERS.map((order) => ({ offset, order })));
}

/** How well a change does: quantities that fit, how much is changed, how far the values are off. */
function scoreOf(profile: Profile, asked: readonly Asked[], change: RowChange | undefined) {
  let [fitting, powers, error, reordered] = [0, 0, 0, 0];
  for (const one of asked) {
    const fit = fitOf(profile, one, change);
    if (!fit || !one.row) continue;
    fitting++;
    powers += Math.abs(fit.power);
    error += errorOf(fit.value, one.value);
    if (change && isReordered(profile, one.row, change)) reordered = 1;
  }
  return { fitting, cost: 2 * Math.abs(change?.offset ?? 0) + 2 * reordered + powers + (change ? 1 : 0), error };
}

/** An order makes a difference where there are several registers, or bytes are swapped. */
function isReordered(profile: Profile, row: ProfileRow, { order }: RowChange): boolean {
  return order !== orderOfRow(row, profile);
}

function fitOf(profile: Profile, { row, readout, value: expected }: Asked, change: RowChange | undefined) {
  if (!row || !readout) return null;
  const value = changedValue(row, change ?? { offset: 0, order: orderOfRow(row, profile) }, readout);
  if (value === undefined) return null;
  const power = powerOfTen(value, expected);
  const scaled = value * 10 ** power;
  const most = TOLERANCE + Math.min(STEP_MOST, Math.abs((stepOf(row) * 10 ** power) / (expected || 1)));
  return errorOf(scaled, expected) <= most ? { value: scaled, power } : null;
}

/** The smallest step of a row in the unit of its quantity; 0 of a float. */
function stepOf(row: ProfileRow): number {
  return Math.min(...partsOf(row).map(({ type, scale }) => (type.startsWith('float') ? 0 : scale)));
}

function findingOf(profile: Profile, asked: Asked, change: RowChange | undefined): QuantityFinding {
  const { quantity, value: expected, row, readout } = asked;
  const shows = (row && readout && changedValue(row, { offset: 0, order: orderOfRow(row, profile) }, readout)) ?? null;
  const agrees = shows !== null && errorOf(shows, expected) <= TOLERANCE;
  return { quantity, expected, verdict: verdictOf(asked), shows, agrees, fits: fitOf(profile, asked, change) };
}

function verdictOf({ row, readout }: Asked): RowVerdict {
  if (!row) return 'not polled';
  if (!readout) return 'no answer';
  const { from, to } = spanOf(row);
  const words = wordsAt(readout, from, to - from);
  if (!words) return 'refused';
  return words.every((word) => word === 0) ? 'zero' : 'read';
}
