import type { Parameters } from 'fast-check';

const seed = Number(process.env['FAROLA_SEED'] ?? Number.NaN);
const long = process.env['FAROLA_LONG'] === '1';

/** How fast-check runs a property: the seed of `scripts/test`, and ten times the count with `--long`. */
export function runs<T = unknown>(count: number): Parameters<T> {
  return { numRuns: long ? count * 10 : count, ...(Number.isSafeInteger(seed) ? { seed } : {}) };
}
