import { flagName, formatValue, quantityById } from '@farola/shared';
import type { AnalyserRow, ValueFlag } from '@farola/shared';
import type { Reading } from '../meter/reading.js';

/** One value of a reading, as it is shown. */
export interface ReadingCell {
  readonly quantity: string;
  /** Exact decimal text in the unit; null when it is missing. */
  readonly value: string | null;
  readonly unit: string;
  readonly obis: string | null;
  /** Rules that find it not plausible. */
  readonly flags: readonly string[];
}

/** Who looks by hand is told what does not agree in this one reading. */
export const AT_ONCE = { readings: 1, ms: 0 };

/** The values of a reading, in the order of the analyser's row. @param found what is not plausible in it */
export function readingCells(
  { quantities }: Pick<AnalyserRow, 'quantities'>,
  { values }: Pick<Reading, 'values'>,
  found: readonly ValueFlag[],
): ReadingCell[] {
  return quantities.flatMap((id, index) => {
    const quantity = quantityById(id);
    if (!quantity) return [];
    const value = values[index] ?? null;
    const text = value === null ? null : formatValue(value, quantity.decimals);
    const flags = found.flatMap(({ code, places }) => (places.includes(index) ? [flagName(code)] : []));
    return [{ quantity: quantity.name, value: text, unit: quantity.unit, obis: quantity.obis ?? null, flags }];
  });
}
