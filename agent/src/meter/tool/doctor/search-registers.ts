import type { ProfileRow } from '../../profile/profile.js';
import type { RegisterAnswers } from '../read-registers.js';
import { NUMBER_SHAPES, numbersAt, saysMore } from '../register-numbers.js';
import type { HeldNumber, NumberShape } from '../register-numbers.js';
import type { RegisterOrder } from '../register-order.js';
import { errorOf, powerOfTen } from './expectation.js';
import type { Expectation } from './expectation.js';

/** Registers in which a quantity may lie. */
export interface Place extends NumberShape {
  readonly addr: number;
  readonly order: RegisterOrder;
  readonly scale: number;
  readonly value: number;
}

/** A quantity and where it may lie, the likeliest first. */
export interface FoundPlaces extends Expectation {
  readonly quantity: ProfileRow['quantity'];
  readonly places: readonly Place[];
}

/** Among all registers in all types much is near by chance: here a value has to be nearer than in a known row. */
const TOLERANCE = 0.005;
/** Scales that maps use, as powers of ten. */
const POWER_MOST = 4;
const PLACES_MOST = 5;

/**
 * Looks among registers of which nothing is known for those that hold what the display shows. Makers write their numbers alike: the type and order in which most of
 * the quantities are found come first.
 */
export function searchRegisters(expectations: readonly Expectation[], answers: RegisterAnswers): FoundPlaces[] {
  const found = expectations.map((one) => ({ ...one, places: placesOf(one, answers) }));
  const votes = new Map<string, number>();
  for (const { places } of found) for (const key of new Set(places.map(keyOf))) votes.set(key, (votes.get(key) ?? 0) + 1);
  return found.map((one) => ({
    ...one,
    places: one.places.toSorted((a, b) => rank(b, votes) - rank(a, votes) || rankOfError(one, a, b)).slice(0, PLACES_MOST),
  }));
}

function placesOf({ value: expected }: Expectation, answers: RegisterAnswers): Place[] {
  if (expected === 0) return [];
  return [...answers.keys()].flatMap((addr) =>
    NUMBER_SHAPES.flatMap((shape) =>
      numbersAt(answers, addr, shape).flatMap((held) => placeOf(held, { ...shape, addr }, expected)),
    ),
  );
}

function placeOf(
  { order, value: raw }: HeldNumber,
  place: Pick<Place, 'addr' | 'type' | 'registers'>,
  expected: number,
): Place[] {
  if (raw === 0 || !saysMore(place.type, raw)) return [];
  const power = powerOfTen(raw, expected);
  const value = raw * 10 ** power;
  if (Math.abs(power) > POWER_MOST || errorOf(value, expected) > TOLERANCE) return [];
  return [{ ...place, order, scale: Number(`1e${power}`), value }];
}

function keyOf({ type, order }: Place): string {
  return `${type} ${order}`;
}

function rank(place: Place, votes: ReadonlyMap<string, number>): number {
  // What most drivers call ABCD wins where orders make no difference.
  return (votes.get(keyOf(place)) ?? 0) + (place.order === 'ABCD' ? 0.5 : 0);
}

function rankOfError({ value }: Expectation, a: Place, b: Place): number {
  return errorOf(a.value, value) - errorOf(b.value, value) || a.addr - b.addr;
}
