import type { Measures } from '@farola/agent/meter/plausible/measures.js';
import { idOf } from '@farola/agent/meter/plausible/quantity-ids.js';
import type { Check, CheckTerms, Rule } from '@farola/agent/meter/plausible/check.js';
import type { Supply } from '@farola/agent/meter/plausible/supply.js';
import { quantityById, type QuantityName } from '@farola/shared';

/** Values of a test, in their units. */
export type Values = Readonly<Partial<Record<QuantityName, number>>>;

/** Three phases of 230 V and 50 Hz, of no known size. */
export const SUPPLY: Supply = { volts: 230, hertz: 50, phases: 3, ctPrimaryA: undefined, hasVt: false };

/** Values with the resolution that all of them have. */
export function measuresOf(values: Values, step = 0.1): Measures {
  const named = (id: number): QuantityName => quantityById(id)?.name as QuantityName;
  return { value: (id) => values[named(id)] ?? NaN, step: () => step };
}

/** What a rule finds of values that one request read: names of the quantities of each check that does not agree. */
export function brokenChecks(rule: Rule, values: Values, supply: Partial<Supply> = {}): string[] {
  const ids = new Set(Object.keys(values).map((name) => idOf(name as QuantityName)));
  const terms: CheckTerms = { has: (id) => ids.has(id), supply: { ...SUPPLY, ...supply } };
  const broken = rule(terms).filter((check: Check) => check.agree(measuresOf(values)) === false);
  return broken.map((check) => check.ids.map((id) => quantityById(id)?.name).join(' '));
}
