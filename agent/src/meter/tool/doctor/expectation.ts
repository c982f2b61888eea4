import { FarolaError, quantityByName } from '@farola/shared';
import type { ProfileRow } from '../../profile/profile.js';

/** What the display of a meter shows. */
export interface Expectation {
  readonly quantity: ProfileRow['quantity'];
  /** In the unit of the quantity. */
  readonly value: number;
}

const PATTERN = /^([A-Za-z0-9]+)=(-?\d+(?:\.\d+)?)(k?)$/;

/**
 * Reads `voltageL1=231.4`, or `activeEnergyImportTotal=1234.5k`, where k is a thousand.
 * @throws FarolaError `usage`
 */
export function parseExpectation(text: string): Expectation {
  const [, name = '', digits, thousand] = PATTERN.exec(text) ?? [];
  const quantity = quantityByName(name);
  if (digits === undefined) throw new FarolaError('usage', { reason: `--expect: \`${text}\` is not QUANTITY=VALUE` });
  if (!quantity)
    throw new FarolaError('usage', { reason: `--expect: there is no quantity ${name}; docs/protocol.md lists them` });
  const value = Number(digits) * (thousand === 'k' ? 1_000 : 1);
  return { quantity: quantity.name as ProfileRow['quantity'], value };
}

/** How far a value may be from what was expected, as a share: displays and meters move on while somebody types. */
export const TOLERANCE = 0.02;

/** How far a value is from what was expected, as a share; of an expected 0 the value itself. */
export function errorOf(value: number, expected: number): number {
  return expected === 0 ? Math.abs(value) : Math.abs(value - expected) / Math.abs(expected);
}

/** The power of ten that brings a value nearest to what was expected; 0 where that cannot be told. */
export function powerOfTen(value: number, expected: number): number {
  if (value === 0 || expected === 0 || value < 0 !== expected < 0) return 0;
  // Without the sign of a rounded zero.
  return Math.round(Math.log10(expected / value)) + 0;
}
