import type { FlagList } from './flag-list.js';
import { type CountedPower, countedPowers } from './energy-against-power.js';
import { type Balance, EnergyBalance } from './energy-balance.js';
import { EnergyOfPhases, phaseCounters } from './energy-of-phases.js';
import { type LatestValues, SAME_MOMENT_MS } from './measures.js';
import { type Supply, unseenVa } from './supply.js';

/** A reading as the energies see it. */
export interface EnergyReading {
  readonly values: LatestValues;
  /** Whether it has this quantity. */
  readonly isNew: (id: number) => boolean;
  /** Whether a counter did in it what is marked already, so that nothing is to be learned from its step. */
  readonly isMarked: (id: number) => boolean;
  readonly periodMs: number;
}

/** What is followed, and whether its last stretch of time disagreed: its values are marked until one agrees. */
interface Followed<T> {
  readonly what: T;
  isBroken: boolean;
}

interface Balanced {
  readonly of: CountedPower;
  readonly balance: EnergyBalance;
}

/** Holds the counters of an analyser against its powers, and those of its phases against that of all. */
export class EnergyWatch {
  readonly #powers: readonly Followed<Balanced>[];
  readonly #phases: readonly Followed<EnergyOfPhases>[];

  /** @param has whether the profile has a quantity */
  constructor(has: (id: number) => boolean, supply: Supply) {
    this.#powers = countedPowers(has, supply).map((of) => ({
      what: { of, balance: new EnergyBalance(of.phases * unseenVa(supply)) },
      isBroken: false,
    }));
    this.#phases = phaseCounters(has, supply).map((counters) => ({ what: new EnergyOfPhases(counters), isBroken: false }));
  }

  /** Takes a reading in, and marks what does not agree. */
  take(reading: EnergyReading, flags: FlagList): void {
    for (const followed of this.#powers) this.#balance(followed, reading, flags);
    for (const followed of this.#phases) this.#sum(followed, reading, flags);
  }

  #balance(followed: Followed<Balanced>, reading: EnergyReading, flags: FlagList): void {
    const { values, isNew, isMarked, periodMs } = reading;
    const { of, balance } = followed.what;
    if (of.powers.every(isNew)) {
      const [low, high] = [of.low(values), of.high(values)];
      if (!Number.isNaN(low + high)) balance.power(low, high, values.atMs(of.powers[0] ?? 0), periodMs);
    }
    if (of.counters.every(isNew)) {
      let wh = 0;
      let step = 0;
      for (const id of of.counters) {
        wh += values.value(id);
        step += values.step(id);
      }
      if (of.counters.some(isMarked)) balance.forget();
      else if (!Number.isNaN(wh)) settle(followed, balance.counter(wh, step, values.atMs(of.counters[0] ?? 0)));
    }
    if (followed.isBroken) for (const id of [...of.counters, ...of.powers]) flags.mark('energy-against-power', id);
  }

  #sum(followed: Followed<EnergyOfPhases>, reading: EnergyReading, flags: FlagList): void {
    const { ids } = followed.what;
    if (!ids.some(reading.isNew)) return;
    if (ids.some(reading.isMarked)) followed.what.forget();
    else if (areOfOneMoment(ids, reading.values)) settle(followed, followed.what.take(reading.values));
    if (followed.isBroken) for (const id of ids) flags.mark('sum-of-phases', id);
  }
}

function settle(followed: { isBroken: boolean }, balance: Balance): void {
  if (balance !== 'not-yet') followed.isBroken = balance === 'disagrees';
}

function areOfOneMoment(ids: readonly number[], values: LatestValues): boolean {
  let first = Infinity;
  let last = -Infinity;
  for (const id of ids) {
    if (Number.isNaN(values.value(id))) return false;
    first = Math.min(first, values.atMs(id));
    last = Math.max(last, values.atMs(id));
  }
  return last - first <= SAME_MOMENT_MS;
}
