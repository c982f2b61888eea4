import { FarolaError } from '@farola/shared';
import type { Profile, ProfileRow } from '../../profile/profile.js';
import { partsOf, spanOf } from '../../profile/profile.js';
import { NUMBER_TYPES } from '../../profile/register-type.js';
import type { NumberType } from '../../profile/register-type.js';
import type { RegisterAnswers } from '../read-registers.js';
import { wordsAt } from '../read-registers.js';
import { orderOf, REGISTER_ORDERS } from '../register-order.js';
import { changedValue, orderOfRow } from './changed-row.js';
import type { RowChange } from './changed-row.js';
import { errorOf, powerOfTen, TOLERANCE } from './expectation.js';
import type { Expectation } from './expectation.js';

/** Maps are wrong by so many registers: printed numbers for addresses, a register left out. */
export const OFFSET_MOST = 3;

/** A coarse register, such as one of whole kW, may be a step further off, as long as that is no more than this share. */
const STEP_MOST = 0.1;

/** As another type a value has to be nearer: there are many, and each is near by chance now and then. */
const TYPE_TOLERANCE = 0.005;

/**
 * What came of the registers that the profile names: of IWMAC's modpoll console, whose words say what a reader needs to know. `unreachable`: a gateway says that
 * nobody answers it.
 */
export type RowVerdict = 'read' | 'zero' | 'refused' | 'unreachable' | 'no answer' | 'not polled';

/** A value that fits with a change. */
export interface Fit {
  readonly value: number;
  /** Power of ten that its scale has to be multiplied by. */
  readonly power: number;
  /** The type that it has to be read as; null: as the profile has it. */
  readonly type: NumberType | null;
}

/** One quantity as it is, and as it would be right. */
export interface QuantityFinding {
  readonly quantity: ProfileRow['quantity'];
  readonly expected: number;
  readonly verdict: RowVerdict;
  /** By the profile as it is, in the unit of the quantity; null where there is none. */
  readonly shows: number | null;
  /** Whether that is what was expected. */
  readonly agrees: boolean;
  /** With the change that is proposed; null where it does not fit either. */
  readonly fits: Fit | null;
}

/** What a doctor finds. */
export interface Diagnosis {
  readonly findings: readonly QuantityFinding[];
  /** What has to be changed of all rows, in registers and order; null where the order of each row is right and nothing lies elsewhere. */
  readonly change: RowChange | null;
  /** Quantities that fit with it. */
  readonly fitting: number;
}

/** What was read for one expectation, or why nothing answered; undefined when the profile has no such row. */
export type Readout = RegisterAnswers | FarolaError | undefined;

interface Asked extends Expectation {
  readonly row: ProfileRow | undefined;
  readonly readout: Readout;
}

/** A change and how it does. */
interface Scored {
  readonly change: RowChange | undefined;
  readonly fitting: number;
  readonly cost: number;
  readonly error: number;
}

/**
 * Finds the one offset and order by which most quantities are what the display shows, be it by another power of ten; of several the one that changes
 * least, then the nearest one. Where none does, each other type is tried as well; else a quantity that does not fit is held against other types in its place.
 * @param readouts by the place of the expectation
 */
export function diagnose(profile: Profile, expectations: readonly Expectation[], readouts: readonly Readout[]): Diagnosis {
  const asked = expectations.map((one, index): Asked => {
    const row = profile.rows.find(({ quantity }) => quantity === one.quantity);
    return { ...one, row, readout: readouts[index] };
  });
  const plain = bestOf(profile, asked, [undefined, ...everyChange()]);
  const best = plain && plain.fitting > 0 ? plain : typedBest(profile, asked);
  const change = best?.change;
  const findings = asked.map((one) => findingOf(profile, one, change, best !== undefined));
  const fitting = findings.filter(({ fits }) => fits).length;
  const { type: _type, ...place } = change ?? { offset: 0, order: 'ABCD' as const };
  return { findings, change: change && fitting > 0 ? place : null, fitting };
}

function bestOf(profile: Profile, asked: readonly Asked[], changes: readonly (RowChange | undefined)[]): Scored | undefined {
  return changes
    .map((change) => ({ change, ...scoreOf(profile, asked, change) }))
    .toSorted((a, b) => b.fitting - a.fitting || a.cost - b.cost || a.error - b.error)[0];
}

function everyChange(): RowChange[] {
  const offsets = Array.from({ length: 2 * OFFSET_MOST + 1 }, (_, index) => index - OFFSET_MOST);
  return offsets.flatMap((offset) => REGISTER_ORDERS.map((order) => ({ offset, order })));
}

/** Among so many types and places one value is near by chance: two have to be, or one that stays where it is. */
function typedBest(profile: Profile, asked: readonly Asked[]): Scored | undefined {
  const changes = NUMBER_TYPES.flatMap((type) => everyChange().map((change) => ({ ...change, type })));
  const best = bestOf(profile, asked, changes);
  if (best && best.fitting > 1) return best;
  const inPlace = bestOf(
    profile,
    asked,
    changes.filter(({ offset, order }) => offset === 0 && order === orderOf(profile)),
  );
  return inPlace && inPlace.fitting > 0 ? inPlace : undefined;
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

function fitOf(profile: Profile, { row, readout, value: expected }: Asked, change: RowChange | undefined): Fit | null {
  const answers = answersOf(readout);
  if (!row || !answers) return null;
  const type = change?.type;
  if (type !== undefined && ('composite' in row || expected === 0)) return null;
  const value = changedValue(row, change ?? { offset: 0, order: orderOfRow(row, profile) }, answers);
  if (value === undefined) return null;
  const power = powerOfTen(value, expected);
  const scaled = value * 10 ** power;
  const step = Math.min(STEP_MOST, Math.abs((stepOf(row) * 10 ** power) / (expected || 1)));
  const most = type === undefined ? TOLERANCE + step : TYPE_TOLERANCE;
  return errorOf(scaled, expected) <= most ? { value: scaled, power, type: type ?? null } : null;
}

function answersOf(readout: Readout): RegisterAnswers | undefined {
  return readout instanceof FarolaError ? undefined : readout;
}

/** The smallest step of a row in the unit of its quantity; 0 of a float. */
function stepOf(row: ProfileRow): number {
  return Math.min(...partsOf(row).map(({ type, scale }) => (type.startsWith('float') ? 0 : scale)));
}

function findingOf(profile: Profile, asked: Asked, change: RowChange | undefined, isAnyFit: boolean): QuantityFinding {
  const { quantity, value: expected, row, readout } = asked;
  const answers = answersOf(readout);
  const shows = (row && answers && changedValue(row, { offset: 0, order: orderOfRow(row, profile) }, answers)) ?? null;
  const agrees = shows !== null && errorOf(shows, expected) <= TOLERANCE;
  const fits = fitOf(profile, asked, change) ?? (isAnyFit ? fitAsOther(profile, asked, change) : null);
  return { quantity, expected, verdict: verdictOf(asked), shows, agrees, fits };
}

/** Another type in the place that the others have, which changes the scale least. */
function fitAsOther(profile: Profile, asked: Asked, change: RowChange | undefined): Fit | null {
  const { row } = asked;
  if (!row) return null;
  const { offset, order } = change ?? { offset: 0, order: orderOfRow(row, profile) };
  const fits = NUMBER_TYPES.flatMap((type) => fitOf(profile, asked, { offset, order, type }) ?? []);
  return fits.toSorted((a, b) => Math.abs(a.power) - Math.abs(b.power))[0] ?? null;
}

/** Of registers for which nobody answered. */
export function silenceVerdict({ code }: FarolaError): 'unreachable' | 'no answer' {
  return code === 'meter-unreachable' ? 'unreachable' : 'no answer';
}

function verdictOf({ row, readout }: Asked): RowVerdict {
  if (!row) return 'not polled';
  if (readout instanceof FarolaError) return silenceVerdict(readout);
  const { from, to } = spanOf(row);
  const words = readout && wordsAt(readout, from, to - from);
  if (!words) return 'refused';
  return words.every((word) => word === 0) ? 'zero' : 'read';
}
