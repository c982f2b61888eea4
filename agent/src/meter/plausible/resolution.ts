import { quantityByName } from '@farola/shared';
import { counterStep } from '../profile/counter-step.js';
import { partsOf, type ProfileRow } from '../profile/profile.js';

/** The smallest step that a quantity can make at a value, both in its unit. */
export type Resolution = (value: number) => number;

const FLOATS: ReadonlySet<string> = new Set(['float32', 'float64']);

/**
 * That of a row: of its registers, of the decimals that the value is kept with, and of a counter what its maker says of its steps.
 * @param steps of the row or, where it says none, of all counters of its profile
 */
export function resolutionOf(row: ProfileRow, steps: readonly { readonly from: number; readonly step: number }[]): Resolution {
  const decimals = quantityByName(row.quantity)?.decimals ?? 0;
  const kept = 10 ** -decimals;
  const isFloat = partsOf(row).some(({ type }) => FLOATS.has(type));
  const fixed = isFloat ? kept : Math.max(kept, counterStep(row, 0));
  return (value) => {
    let step = isFloat ? Math.max(fixed, counterStep(row, value)) : fixed;
    for (const one of steps) if (value >= one.from) step = Math.max(step, one.step);
    return step;
  };
}
