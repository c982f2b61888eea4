import { formatValue, quantityById } from '@farola/shared';
import type { AnalyserRow } from '@farola/shared';
import type { Reading } from '../../reading.js';

/** The values of a reading by the names of quantities, decimal text in their units; `-` where one is missing. */
export function namedValues(
  { quantities }: Pick<AnalyserRow, 'quantities'>,
  { values }: Pick<Reading, 'values'>,
): Record<string, string> {
  return Object.fromEntries(
    quantities.flatMap((id, index) => {
      const quantity = quantityById(id);
      const value = values[index] ?? null;
      return quantity ? [[quantity.name, value === null ? '-' : formatValue(value, quantity.decimals)]] : [];
    }),
  );
}
