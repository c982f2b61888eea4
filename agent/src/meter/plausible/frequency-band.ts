import type { Check, CheckTerms } from './check.js';
import { isWithin } from './check.js';
import { idOf } from './quantity-ids.js';
import { offBy } from './uncertainty.js';

/** EN 50160:2010, 4.2.1: a network that is joined to others has its nominal frequency + 4 % and - 6 % at all times. */
const ABOVE = 0.04;
const BELOW = 0.06;

const FREQUENCY = idOf('frequency');

/** The frequency lies within the band of the supply. */
export function frequencyBand({ has, supply: { hertz } }: CheckTerms): readonly Check[] {
  if (!has(FREQUENCY)) return [];
  return [
    {
      flag: 'frequency-band',
      ids: [FREQUENCY],
      agree: (measures) =>
        isWithin(measures.value(FREQUENCY), hertz * (1 - BELOW), hertz * (1 + ABOVE), offBy(measures, FREQUENCY)),
    },
  ];
}
