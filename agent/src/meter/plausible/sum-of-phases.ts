import type { Check, CheckTerms } from './check.js';
import { isWithin } from './check.js';
import type { Measures } from './measures.js';
import { idOf, PHASES } from './quantity-ids.js';
import { reactivePowerOf } from './reactive-power.js';
import { type Supply, unseenVa } from './supply.js';
import { CLASS, offBy } from './uncertainty.js';

/** The powers of the phases make up that of all: W as they are, var and VA in the ways that models add them. */
export function sumOfPhases(terms: CheckTerms): readonly Check[] {
  return [...activePower(terms), ...reactivePower(terms), ...apparentPower(terms)];
}

function activePower({ has, supply }: CheckTerms): Check[] {
  const phases = phasesOf(supply).map((phase) => idOf(`activePower${phase}`));
  const total = idOf('activePowerTotal');
  if (![...phases, total].every(has)) return [];
  return [
    {
      flag: 'sum-of-phases',
      ids: [...phases, total],
      agree(measures) {
        const sum = added(phases, (id) => measures.value(id));
        return isWithin(measures.value(total), sum, sum, together(measures, [...phases, total]) + unseen(supply));
      },
    },
  ];
}

/**
 * Some models add var with their signs, some without, and some take the root of VA and W: a total is plausible from the least of these
 * sums to the greatest. Var of lamps with a good power factor are small beside their W, and off by a share of these.
 */
function reactivePower({ has, supply }: CheckTerms): Check[] {
  const phases = phasesOf(supply).flatMap((phase) => reactivePowerOf(phase, has) ?? []);
  const total = reactivePowerOf('Total', has);
  const watts = idOf('activePowerTotal');
  const apparent = apparentIds({ has, supply });
  if (!total || phases.length < supply.phases || !has(watts) || apparent.length === 0) return [];
  return [
    {
      flag: 'sum-of-phases',
      ids: [...phases.flatMap(({ ids }) => ids), ...total.ids],
      beside: [watts],
      agree(measures) {
        const signed = Math.abs(added(phases, (phase) => phase.signed(measures)));
        const sizes = added(phases, (phase) => phase.size(measures));
        const active = Math.abs(measures.value(watts));
        const va = added(apparent, (id) => measures.value(id));
        const root = Math.sqrt(Math.max(0, (va * (1 + CLASS)) ** 2 - (active * (1 - CLASS)) ** 2));
        const seen = Math.abs(total.signed(measures));
        const steps = added(phases, (phase) => phase.step(measures)) + total.step(measures);
        const mayBeOff = steps + CLASS * (sizes + seen + 2 * active) + unseen(supply);
        return isWithin(seen, signed, Math.max(sizes, root), mayBeOff);
      },
    },
  ];
}

/** VA of the phases or, where the profile does not have these, of all. */
function apparentIds({ has, supply }: CheckTerms): readonly number[] {
  const phases = phasesOf(supply).map((phase) => idOf(`apparentPower${phase}`));
  return phases.every(has) ? phases : [idOf('apparentPowerTotal')].filter(has);
}

/** Of the phases' VA or, as a sum of vectors, as little as the W. */
function apparentPower({ has, supply }: CheckTerms): Check[] {
  const phases = phasesOf(supply).map((phase) => idOf(`apparentPower${phase}`));
  const total = idOf('apparentPowerTotal');
  const watts = idOf('activePowerTotal');
  if (![...phases, total, watts].every(has)) return [];
  return [
    {
      flag: 'sum-of-phases',
      ids: [...phases, total],
      beside: [watts],
      agree(measures) {
        const sum = added(phases, (id) => measures.value(id));
        const least = Math.min(sum, Math.abs(measures.value(watts)));
        return isWithin(measures.value(total), least, sum, together(measures, [...phases, total]) + unseen(supply));
      },
    },
  ];
}

function phasesOf({ phases }: Supply): readonly (typeof PHASES)[number][] {
  return phases === 1 ? PHASES.slice(0, 1) : PHASES;
}

function unseen(supply: Supply): number {
  return supply.phases * unseenVa(supply);
}

function added<T>(parts: readonly T[], numberOf: (part: T) => number): number {
  let sum = 0;
  for (const part of parts) sum += numberOf(part);
  return sum;
}

function together(measures: Measures, ids: readonly number[]): number {
  return added(ids, (id) => offBy(measures, id));
}
