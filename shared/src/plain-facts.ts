import type { Facts } from './errors.js';

/** Facts as JSON can carry them: integers beyond the safe ones become their digits. */
export function plainFacts(facts: Facts): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, typeof value === 'bigint' ? String(value) : value]),
  );
}
