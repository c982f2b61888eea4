import { FarolaError } from '@farola/shared';

/** The number that an option was given. @throws FarolaError `usage` unless it is a whole number from 1 to 99999999 */
export function wholeNumber(option: string, text: string): number {
  if (/^[1-9]\d{0,7}$/.test(text)) return Number(text);
  throw new FarolaError('usage', { reason: `${option} ${text} is not a whole number above 0` });
}
