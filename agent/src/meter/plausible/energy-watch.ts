import type { FlagList } from './flag-list.js';
import { type CountedPower, countedPowers } from './energy-against-power.js';
import { type Balance, EnergyBalance } from './energy-balance.js';
import { EnergyOfPhases, phaseCounters } from './energy-of-phases.js';
import type { LatestValues } from './measures.js';
import { Renewal } from './renewal.js';
import { mostWatts, type Supply, unseenVa } from './supply.js';

/** A reading as the energies see it. */
export interface EnergyReading {
  readonly values: LatestValues;
  /** Whether it has this quantity. */
  readonly isNew: (id: number) => boolean;
  /** Whether a counter did in its newest reading what is marked already, so that nothing is to be learned from its step. */
  readonly isMarked: (id: number) => boolean;
}

/** What is followed, and whether its last stretch of time disagreed: its values are marked until one agrees. */
interface Followed<T> {
  readonly what: T;
  isBroken: boolean;
}

interface Balanced {
  readonly of: CountedPower;
  readonly balance: EnergyBalance;
  readonly counters: Renewal;
  readonly powers: Renewal;
  /** With those of the phases, as far as there are any. */
  readonly withPhases: Renewal;
  /** Whether a phase gives what others draw, as the last load told; undefined before there was one. */
  gives: boolean | undefined;
}

interface Added {
  readonly of: EnergyOfPhases;
  readonly counters: Renewal;
}

/** Holds the counters of an analyser against its powers, and those of its phases against that of all, whatever their scan groups. */
export class EnergyWatch {
  readonly #powers: readonly Followed<Balanced>[];
  readonly #phases: readonly Followed<Added>[];
  readonly #unseenWatts: number;

  /** @param has whether the profile has a quantity */
  constructor(has: (id: number) => boolean, supply: Supply) {
    this.#unseenWatts = unseenVa(supply);
    this.#powers = countedPowers(has, supply).map((of) => ({ what: balanced(of, this.#unseenWatts), isBroken: false }));
    this.#phases = phaseCounters(has, supply).map((counters) => {
      const of = new EnergyOfPhases(counters, mostWatts(supply));
      return { what: { of, counters: new Renewal(of.ids, counters.otherWay) }, isBroken: false };
    });
  }

  /** Takes a reading in, and marks what does not agree. */
  take(reading: EnergyReading, flags: FlagList): void {
    for (const followed of this.#powers) this.#balance(followed, reading, flags);
    for (const followed of this.#phases) this.#sum(followed, reading, flags);
  }

  #balance(followed: Followed<Balanced>, reading: EnergyReading, flags: FlagList): void {
    const { of, balance, counters } = followed.what;
    const { values, isMarked } = reading;
    this.#takePower(followed.what, reading);
    if (isBrokenNow(of.counters, reading)) balance.forget();
    if (counters.isComplete(values)) {
      let wh = 0;
      let step = 0;
      for (const id of of.counters) {
        wh += values.value(id);
        step += values.step(id);
      }
      if (!of.counters.some(isMarked)) settle(followed, balance.counter(wh, step, counters.newestMs, counters.spreadMs));
    }
    if (followed.isBroken) for (const id of [...of.counters, ...of.powers]) flags.mark('energy-against-power', id);
  }

  /** The powers of the phases bound what is counted where one gives; else the newest of all tells alone. */
  #takePower(balanced: Balanced, { values, isNew }: EnergyReading): void {
    const { of, balance } = balanced;
    if (of.beside.some(isNew)) balanced.gives = this.#givesSome(of.beside, values) ?? balanced.gives;
    const isAlone = of.beside.length === 0 || balanced.gives === false;
    const powers = isAlone ? balanced.powers : balanced.withPhases;
    if (!powers.isComplete(values)) return;
    const low = of.low(values);
    const high = balanced.gives === false ? low : of.high(values);
    // Of a device that has no values of its phases the total tells alone.
    if (!Number.isNaN(high)) balance.power(low, high, powers.newestMs, powers.periodMs);
    else if (!balanced.gives) balance.power(low, low, powers.newestMs, powers.periodMs);
  }

  /** undefined when no load tells. */
  #givesSome(phases: readonly number[], values: LatestValues): boolean | undefined {
    let least = Infinity;
    let most = -Infinity;
    for (const id of phases) {
      least = Math.min(least, values.value(id));
      most = Math.max(most, values.value(id));
    }
    if (!(Math.max(-least, most) > this.#unseenWatts)) return undefined;
    return least < -this.#unseenWatts && most > this.#unseenWatts;
  }

  #sum(followed: Followed<Added>, reading: EnergyReading, flags: FlagList): void {
    const { of, counters } = followed.what;
    const { values, isNew, isMarked } = reading;
    if (isBrokenNow(of.ids, reading)) of.forget();
    if (counters.isComplete(values) && !of.ids.some(isMarked)) settle(followed, of.take(values, counters.spreadMs));
    if (followed.isBroken && of.ids.some(isNew)) for (const id of of.ids) flags.mark('sum-of-phases', id);
  }
}

function balanced(of: CountedPower, unseenWatts: number): Balanced {
  return {
    of,
    balance: new EnergyBalance(of.phases * unseenWatts),
    counters: new Renewal(of.counters),
    powers: new Renewal(of.powers),
    withPhases: new Renewal(of.powers, of.beside),
    gives: undefined,
  };
}

/** Whether one of these counters did in this reading what is marked already: what it counted across that says nothing. */
function isBrokenNow(counters: readonly number[], { isNew, isMarked }: EnergyReading): boolean {
  return counters.some((id) => isNew(id) && isMarked(id));
}

function settle(followed: { isBroken: boolean }, balance: Balance): void {
  if (balance !== 'not-yet') followed.isBroken = balance === 'disagrees';
}
