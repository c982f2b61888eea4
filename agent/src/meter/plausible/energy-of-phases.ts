import type { Supply } from './supply.js';
import { type Measures, SAME_MOMENT_MS } from './measures.js';
import { type Balance, wattHours } from './energy-balance.js';
import { idOf, PHASES } from './quantity-ids.js';
import { CLASS } from './uncertainty.js';

/** The counter of all phases and those of each. */
export interface PhaseCounters {
  readonly total: number;
  readonly phases: readonly number[];
  /** What the phases counted the other way, which some models take off; empty where the profile does not have it. */
  readonly otherWay: readonly number[];
}

const IMPORT = PHASES.map((phase) => idOf(`activeEnergyImport${phase}`));
const EXPORT = PHASES.map((phase) => idOf(`activeEnergyExport${phase}`));

/** Those of a profile; none where one phase is all there is. */
export function phaseCounters(has: (id: number) => boolean, supply: Supply): PhaseCounters[] {
  if (supply.phases === 1) return [];
  const ways = [
    { total: idOf('activeEnergyImportTotal'), phases: IMPORT, otherWay: EXPORT },
    { total: idOf('activeEnergyExportTotal'), phases: EXPORT, otherWay: IMPORT },
  ];
  return ways
    .filter(({ total, phases }) => [total, ...phases].every(has))
    .map(({ otherWay, ...counters }) => ({ ...counters, otherWay: otherWay.every(has) ? otherWay : [] }));
}

/** Judged when so many resolutions of the counters were counted. */
const LEAST_STEPS = 20;
/** A stretch says that they agree when no more than this share of what was counted could hide. */
const MAY_HIDE = 0.25;

/**
 * Holds what the phases counted against what the total counted, from one stretch to the next. Their sizes say nothing: they were set to
 * zero at different times.
 */
export class EnergyOfPhases {
  /** The counters that are compared. */
  readonly ids: readonly number[];
  readonly #counters: PhaseCounters;
  #fromTotal = NaN;
  #fromPhases = NaN;
  #fromOther = NaN;
  #fromUnsureMs = 0;
  readonly #mostWatts: number;

  /** @param mostWatts what can be counted, W */
  constructor(counters: PhaseCounters, mostWatts: number) {
    this.#counters = counters;
    this.#mostWatts = mostWatts;
    this.ids = [counters.total, ...counters.phases];
  }

  /** Begins anew with the next sample. */
  forget(): void {
    this.#fromTotal = NaN;
  }

  /** Takes their counters in. @param spreadMs how far apart they were asked for; within a second that is one moment */
  take(measures: Measures, spreadMs: number): Balance {
    const unsureMs = spreadMs <= SAME_MOMENT_MS ? 0 : spreadMs;
    const { total, phases, otherWay } = this.#counters;
    const all = measures.value(total);
    const ofPhases = added(measures, phases);
    const ofOther = added(measures, otherWay);
    if (Number.isNaN(this.#fromTotal)) {
      this.#begin(all, ofPhases, ofOther, unsureMs);
      return 'not-yet';
    }
    const steps = measures.step(total) + phases.reduce((sum, id) => sum + measures.step(id), 0);
    const counted = all - this.#fromTotal;
    const inPhases = ofPhases - this.#fromPhases;
    const theOtherWay = ofOther - this.#fromOther;
    const off = otherWay.length > 0 && !Number.isNaN(theOtherWay) ? theOtherWay : 0;
    const larger = Math.max(counted, inPhases);
    if (!(larger >= LEAST_STEPS * steps)) return 'not-yet';
    const hidden = 2 * steps + wattHours(this.#mostWatts, this.#fromUnsureMs + unsureMs);
    const mayBeOff = hidden + CLASS * (counted + inPhases);
    const isWithin = counted >= inPhases - off - mayBeOff && counted <= inPhases + mayBeOff;
    if (isWithin && hidden > MAY_HIDE * larger) return 'not-yet';
    this.#begin(all, ofPhases, ofOther, unsureMs);
    return isWithin ? 'agrees' : 'disagrees';
  }

  #begin(all: number, ofPhases: number, ofOther: number, unsureMs: number): void {
    this.#fromUnsureMs = unsureMs;
    this.#fromTotal = all;
    this.#fromPhases = ofPhases;
    this.#fromOther = ofOther;
  }
}

function added(measures: Measures, ids: readonly number[]): number {
  let sum = 0;
  for (const id of ids) sum += measures.value(id);
  return sum;
}
