import type { ProfileRow, RegisterPart } from '../profile/profile.js';
import { registersOf } from '../profile/register-type.js';

const REGISTER_BITS = 16;
const BCD_DIGITS = 4;

/**
 * Where a counter begins anew, in its unit: as its profile says or else where its register ends, which of a pair is the coarse one.
 * undefined for floats, which have no end.
 */
export function counterEnd(row: ProfileRow, rollover: number | undefined): number | undefined {
  return rollover ?? endOfPart('composite' in row ? row.composite.high : row);
}

function endOfPart({ type, registers = 1, scale }: RegisterPart): number | undefined {
  if (type === 'float32' || type === 'float64') return undefined;
  if (type === 'bcd') return scale * 10 ** (BCD_DIGITS * registers);
  const bits = REGISTER_BITS * registersOf(type);
  return scale * 2 ** (type.startsWith('s') ? bits - 1 : bits);
}
