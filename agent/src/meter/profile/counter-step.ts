import type { ProfileRow, RegisterPart } from './profile.js';
import { partsOf } from './profile.js';

/**
 * The smallest step that a row's value can make at this size, in the unit of the quantity: the scale of the finest number;
 * of a float the distance to the next one (IEEE 754: 24 and 53 significant bits).
 * @param value in the unit of the quantity
 */
export function counterStep(row: ProfileRow, value: number): number {
  return Math.min(...partsOf(row).map((part) => partStep(part, value)));
}

function partStep({ type, scale }: RegisterPart, value: number): number {
  if (type !== 'float32' && type !== 'float64') return scale;
  const bits = type === 'float32' ? 24 : 53;
  const size = Math.abs(value) / scale;
  return size === 0 ? 0 : scale * 2 ** (Math.floor(Math.log2(size)) - bits + 1);
}
