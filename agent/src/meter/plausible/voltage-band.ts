import type { Check, CheckTerms } from './check.js';
import { isWithin } from './check.js';
import { idOf, PHASES } from './quantity-ids.js';
import { offBy } from './uncertainty.js';

/**
 * EN 50160:2010, 4.2.2.2: all means of 10 minutes of a low-voltage network lie within Un + 10 % and Un - 15 %. A sample is of a moment, so
 * that a dip of a second shows as well.
 */
const ABOVE = 0.1;
const BELOW = 0.15;

const TO_NEUTRAL = PHASES.map((phase) => idOf(`voltage${phase}`));
const BETWEEN_PHASES = [idOf('voltageL12'), idOf('voltageL23'), idOf('voltageL31')];

/** Voltages lie within the band of the supply; those between phases within the same band, times the root of three. */
export function voltageBand({ has, supply }: CheckTerms): readonly Check[] {
  const { volts, phases } = supply;
  const band = (id: number, nominal: number): Check => ({
    flag: 'voltage-band',
    ids: [id],
    agree: (measures) => isWithin(measures.value(id), nominal * (1 - BELOW), nominal * (1 + ABOVE), offBy(measures, id)),
  });
  if (phases === 1)
    return TO_NEUTRAL.slice(0, 1)
      .filter(has)
      .map((id) => band(id, volts));
  return [
    ...[...TO_NEUTRAL, idOf('voltageAvg')].filter(has).map((id) => band(id, volts)),
    ...BETWEEN_PHASES.filter(has).map((id) => band(id, volts * Math.sqrt(3))),
  ];
}
