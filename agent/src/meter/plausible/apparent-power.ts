import type { Check, CheckTerms } from './check.js';
import { isWithin } from './check.js';
import type { Measures } from './measures.js';
import { idOf, PHASES } from './quantity-ids.js';
import { reactivePowerOf } from './reactive-power.js';
import { unseenVa } from './supply.js';
import { CLASS, offBy, voltAmperes } from './uncertainty.js';

type Phase = (typeof PHASES)[number];

/**
 * A model that leaves harmonics out shows VA / root(1 + THD^2): four fifths at a distortion of the current of 75 %, beyond what
 * IEC 61000-3-2 (class C, above 25 W) lets lamps have.
 */
const WITHOUT_HARMONICS = 0.8;

/** A sum of vectors is as little of that of the phases when their var, one capacitive, one inductive, cancel at factors of 0.4. */
const OF_VECTORS = 0.3;

/**
 * Apparent power is voltage times current, in each phase and in all. Where a profile has no VA, the root of W and var stands for it; where
 * it has no var either, W are no more than V times A.
 */
export function apparentPower(terms: CheckTerms): readonly Check[] {
  const phases = terms.supply.phases === 1 ? PHASES.slice(0, 1) : PHASES;
  return [...phases.flatMap((phase) => inPhase(phase, terms)), ...inAll(phases, terms)];
}

function inPhase(phase: Phase, { has, supply }: CheckTerms): Check[] {
  const [voltage, current] = voltageAndCurrent(phase);
  const shown = shownAs(phase, has);
  if (!shown || !has(voltage) || !has(current)) return [];
  const unseen = unseenVa(supply);
  return [
    {
      flag: 'apparent-power',
      ids: [voltage, current, ...shown.ids],
      agree(measures) {
        const { va, offBy: mayBeOff } = voltAmperes(measures, voltage, current);
        const from = shown.isWhole ? va * WITHOUT_HARMONICS : 0;
        return isWithin(shown.va(measures), from, va, mayBeOff + shown.offBy(measures) + unseen);
      },
    },
  ];
}

/** The total may be a sum of vectors, which is less than that of its phases and no less than the W. */
function inAll(phases: readonly Phase[], { has, supply }: CheckTerms): Check[] {
  const pairs = phases.map(voltageAndCurrent);
  const watts = idOf('activePowerTotal');
  const apparent = idOf('apparentPowerTotal');
  const shown = has(apparent) ? apparent : watts;
  if (![...pairs.flat(), watts].every(has)) return [];
  const unseen = phases.length * unseenVa(supply);
  return [
    {
      flag: 'apparent-power',
      ids: [...pairs.flat(), shown],
      beside: [watts],
      agree(measures) {
        let va = 0;
        let mayBeOff = offBy(measures, shown) + offBy(measures, watts) + unseen;
        for (const [voltage, current] of pairs) {
          const product = voltAmperes(measures, voltage, current);
          va += product.va;
          mayBeOff += product.offBy;
        }
        const active = Math.abs(measures.value(watts));
        const least = shown === apparent ? va * OF_VECTORS : 0;
        return isWithin(Math.abs(measures.value(shown)), Math.max(least, Math.min(active, va)), va, mayBeOff);
      },
    },
  ];
}

/** What stands for the apparent power of a phase. */
interface Shown {
  readonly ids: readonly number[];
  /** Whether it is all of it, and no part. */
  readonly isWhole: boolean;
  readonly va: (measures: Measures) => number;
  readonly offBy: (measures: Measures) => number;
}

function shownAs(phase: Phase, has: (id: number) => boolean): Shown | undefined {
  const apparent = idOf(`apparentPower${phase}`);
  const size = (measures: Measures, id: number): number => Math.abs(measures.value(id));
  if (has(apparent)) {
    return { ids: [apparent], isWhole: true, va: (m) => size(m, apparent), offBy: (m) => offBy(m, apparent) };
  }
  const watts = idOf(`activePower${phase}`);
  if (!has(watts)) return undefined;
  const reactive = reactivePowerOf(phase, has);
  if (!reactive) return { ids: [watts], isWhole: false, va: (m) => size(m, watts), offBy: (m) => offBy(m, watts) };
  return {
    ids: [watts, ...reactive.ids],
    isWhole: true,
    va: (m) => Math.hypot(size(m, watts), reactive.signed(m)),
    offBy: (m) => offBy(m, watts) + reactive.step(m) + CLASS * (reactive.size(m) + size(m, watts)),
  };
}

function voltageAndCurrent(phase: Phase): readonly [number, number] {
  return [idOf(`voltage${phase}`), idOf(`current${phase}`)];
}
