import { QUANTITIES, quantityByName, type QuantityName } from '@farola/shared';

/** The phases, as names of quantities end. */
export const PHASES = ['L1', 'L2', 'L3'] as const;

/** Above every id of the registry: as long is an array that has a place for each quantity. */
export const ID_LIMIT = Math.max(...QUANTITIES.map(({ id }) => id)) + 1;

/** The id of a quantity of the registry. */
export function idOf(name: QuantityName): number {
  const quantity = quantityByName(name);
  if (!quantity) throw new RangeError(`there is no quantity ${name}`);
  return quantity.id;
}
