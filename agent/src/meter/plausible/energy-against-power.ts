import type { QuantityName } from '@farola/shared';
import type { Measures } from './measures.js';
import { idOf, PHASES } from './quantity-ids.js';
import type { Supply } from './supply.js';

/** A counter, or some that count together, and the power that it counts. */
export interface CountedPower {
  readonly counters: readonly number[];
  readonly powers: readonly number[];
  /** Powers of the phases that `high` asks beside; empty where it asks none. */
  readonly beside: readonly number[];
  /** How many phases they are of. */
  readonly phases: number;
  /** No less than this is counted, W. */
  readonly low: (measures: Measures) => number;
  /** No more than this, W. */
  readonly high: (measures: Measures) => number;
}

/** What may be counted of a power: import, export, both, or the difference. */
type Way = 'in' | 'out' | 'both' | 'net';

const PART: Readonly<Record<Way, (watts: number) => number>> = {
  in: (watts) => Math.max(watts, 0),
  out: (watts) => Math.max(-watts, 0),
  both: Math.abs,
  net: (watts) => watts,
};

/** Counters of all phases; those of two tariffs count in turn, so that one alone says nothing. */
const OF_ALL: readonly { readonly counters: readonly QuantityName[]; readonly way: Way }[] = [
  { counters: ['activeEnergyImportTotal'], way: 'in' },
  { counters: ['activeEnergyImportPartialTotal'], way: 'in' },
  { counters: ['activeEnergyImportTariff1', 'activeEnergyImportTariff2'], way: 'in' },
  { counters: ['activeEnergyExportTotal'], way: 'out' },
  { counters: ['activeEnergyExportPartialTotal'], way: 'out' },
  { counters: ['activeEnergyExportTariff1', 'activeEnergyExportTariff2'], way: 'out' },
  { counters: ['activeEnergySumTotal'], way: 'both' },
  { counters: ['activeEnergyNetTotal'], way: 'net' },
];

/**
 * The counters of active energy of a profile with the power of each. Some models add the energies of phases that draw and phases that
 * give, others the powers: what is counted lies between the two. Reactive and apparent energy are counted in too many ways to be held
 * against a power.
 */
export function countedPowers(has: (id: number) => boolean, { phases }: Supply): CountedPower[] {
  const wired = phases === 1 ? PHASES.slice(0, 1) : PHASES;
  const ofPhases = wired.map((phase) => idOf(`activePower${phase}`));
  const found: CountedPower[] = [];
  for (const phase of wired) {
    found.push(ofPhase(idOf(`activeEnergyImport${phase}`), idOf(`activePower${phase}`), PART.in));
    found.push(ofPhase(idOf(`activeEnergyExport${phase}`), idOf(`activePower${phase}`), PART.out));
  }
  const total = idOf('activePowerTotal');
  for (const { counters, way } of OF_ALL) {
    const ids = counters.map(idOf);
    found.push(
      ofPhases.every(has) && has(total) ? ofAll(ids, total, ofPhases, way) : ofOne(ids, has(total) ? [total] : ofPhases, way),
    );
  }
  return found.filter(({ counters, powers }) => counters.every(has) && powers.every(has));
}

function ofPhase(counter: number, power: number, part: (watts: number) => number): CountedPower {
  const watts = (measures: Measures): number => part(measures.value(power));
  return { counters: [counter], powers: [power], beside: [], phases: 1, low: watts, high: watts };
}

function ofOne(counters: readonly number[], powers: readonly number[], way: Way): CountedPower {
  const whole = (measures: Measures): number => PART[way](sum(measures, powers, PART.net));
  const parts = (measures: Measures): number => sum(measures, powers, PART[way]);
  return { counters, powers, beside: [], phases: PHASES.length, low: whole, high: parts };
}

function ofAll(counters: readonly number[], total: number, phases: readonly number[], way: Way): CountedPower {
  const whole = (measures: Measures): number => PART[way](measures.value(total));
  const parts = (measures: Measures): number => sum(measures, phases, PART[way]);
  return {
    counters,
    powers: [total],
    beside: way === 'net' ? [] : phases,
    phases: PHASES.length,
    low: whole,
    high: (measures) => (way === 'net' ? whole(measures) : Math.max(whole(measures), parts(measures))),
  };
}

function sum(measures: Measures, ids: readonly number[], part: (watts: number) => number): number {
  let watts = 0;
  for (const id of ids) watts += part(measures.value(id));
  return watts;
}
