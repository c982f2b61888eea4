import type { Check, CheckTerms } from './check.js';
import { isWithin } from './check.js';
import type { Measures } from './measures.js';
import { idOf, PHASES } from './quantity-ids.js';
import { smallVa } from './supply.js';
import { CLASS, offBy, voltAmperes } from './uncertainty.js';

type Phase = (typeof PHASES)[number];

/** A power factor is a hundredth in most displays, and models settle it later than the power. */
const SHOWN = 0.02;

/**
 * The power factor is active by apparent power, in size: models show its sign for import and export, or for lagging and leading.
 * cos phi is left alone: it is that of the fundamental wave, and lamps have others.
 */
export function powerFactor(terms: CheckTerms): readonly Check[] {
  const phases = terms.supply.phases === 1 ? PHASES.slice(0, 1) : PHASES;
  return [...phases, 'Total' as const].flatMap((where) => {
    const apparent = apparentOf(where, where === 'Total' ? phases : [where], terms.has);
    return apparent ? checksOf(where, apparent, terms) : [];
  });
}

function checksOf(where: Phase | 'Total', apparent: Apparent, { has, supply }: CheckTerms): Check[] {
  const watts = idOf(`activePower${where}`);
  const small = (where === 'Total' ? supply.phases : 1) * smallVa(supply);
  const factors: readonly Factor[] = [
    { id: idOf(`powerFactor${where}`), sizeOf: Math.abs },
    { id: idOf(`powerFactor4q${where}`), sizeOf: sizeOf4q },
  ];
  if (!has(watts)) return [];
  const shown = factors.filter(({ id }) => has(id));
  return shown.length === 0
    ? [noMoreThanOne(watts, apparent, small)]
    : shown.map((factor) => asShown(factor, watts, apparent, small));
}

/** Of a profile that has no factor: it is no more than 1. */
function noMoreThanOne(watts: number, apparent: Apparent, small: number): Check {
  return {
    flag: 'power-factor',
    ids: [watts, ...apparent.ids],
    agree(measures) {
      const { most, share } = apparent.of(measures);
      if (!(most >= small)) return undefined;
      return isWithin(Math.abs(measures.value(watts)), 0, most, offBy(measures, watts) + share * most);
    },
  };
}

function asShown({ id, sizeOf }: Factor, watts: number, apparent: Apparent, small: number): Check {
  return {
    flag: 'power-factor',
    ids: [id, watts, ...apparent.ids],
    agree(measures) {
      const { least, most, share } = apparent.of(measures);
      if (!(most >= small)) return undefined;
      const active = Math.abs(measures.value(watts));
      const shown = sizeOf(measures.value(id));
      const byItself = SHOWN + measures.step(id) + CLASS * shown;
      const mayBeOff = byItself + offBy(measures, watts) / most + (active / most) * share;
      return isWithin(shown, active / most, active / Math.min(least, most), mayBeOff);
    },
  };
}

/** A power factor as a profile has it. */
interface Factor {
  readonly id: number;
  /** Its size, by how it is coded. */
  readonly sizeOf: (coded: number) => number;
}

/**
 * The four-quadrant coding of Schneider (4Q_FP_PF of its register lists): a number between -2 and 2, which beyond 1 in size is 2 less
 * the factor.
 */
function sizeOf4q(coded: number): number {
  const size = Math.abs(coded);
  return size > 1 ? 2 - size : size;
}

/** Apparent power in the ways that a model may take it, VA, and how far it may be off as a share of it. */
interface Apparent {
  readonly ids: readonly number[];
  readonly of: (measures: Measures) => { readonly least: number; readonly most: number; readonly share: number };
}

/** As it is shown; of all phases also as the sum of theirs, since the total may be one of vectors; else volts times amperes. */
function apparentOf(where: Phase | 'Total', phases: readonly Phase[], has: (id: number) => boolean): Apparent | undefined {
  const shown = idOf(`apparentPower${where}`);
  const parts = phases.map((phase) => idOf(`apparentPower${phase}`));
  if (has(shown)) {
    const ids = parts.every(has) ? [...new Set([shown, ...parts])] : [shown];
    const hasParts = ids.length > 1;
    return {
      ids,
      of(measures) {
        const va = Math.abs(measures.value(shown));
        let sum = hasParts ? 0 : va;
        if (hasParts) for (const id of parts) sum += Math.abs(measures.value(id));
        return { least: Math.min(va, sum), most: Math.max(va, sum), share: offBy(measures, shown) / Math.max(va, 1) };
      },
    };
  }
  const pairs = phases.map((phase) => [idOf(`voltage${phase}`), idOf(`current${phase}`)] as const);
  if (!pairs.flat().every(has)) return undefined;
  return {
    ids: pairs.flat(),
    of(measures) {
      let va = 0;
      let mayBeOff = 0;
      for (const [voltage, current] of pairs) {
        const product = voltAmperes(measures, voltage, current);
        va += product.va;
        mayBeOff += product.offBy;
      }
      return { least: va, most: va, share: mayBeOff / Math.max(va, 1) };
    },
  };
}
