import { type AnalyserRow, isCounter, quantityByName, type SampleValue } from '@farola/shared';
import type { Profile, ProfileRow } from '../profile/profile.js';
import { Agreement, type Patience, USUAL_PATIENCE } from './agreement.js';
import { apparentPower } from './apparent-power.js';
import type { Rule } from './check.js';
import { counterEnd } from './counter-end.js';
import { CounterWatch } from './counter-watch.js';
import { EnergyWatch } from './energy-watch.js';
import { type CounterEvent, type Findings, type JudgedReading, NO_FINDINGS, type RecalledCounter } from './findings.js';
import { FlagList } from './flag-list.js';
import { frequencyBand } from './frequency-band.js';
import { LatestValues } from './measures.js';
import { powerFactor } from './power-factor.js';
import { ID_LIMIT, idOf } from './quantity-ids.js';
import { type Resolution, resolutionOf } from './resolution.js';
import { sumOfPhases } from './sum-of-phases.js';
import { mostWatts, type Supply } from './supply.js';
import { voltageBand } from './voltage-band.js';

/** An analyser to watch. */
export interface WatchedAnalyser {
  readonly id: string;
  /** With all its rows, of all scan groups. */
  readonly profile: Pick<Profile, 'rows' | 'counters'>;
  readonly supply: Supply;
  /** That for a panel that runs when it is not told. */
  readonly patience?: Patience | undefined;
}

const RULES: readonly Rule[] = [sumOfPhases, apparentPower, powerFactor, voltageBand, frequencyBand];
/** They count both ways, and may fall: net energy, and reactive energy of which no direction is said. */
const SIGNED: ReadonlySet<number> = new Set([idOf('activeEnergyNetTotal'), idOf('reactiveEnergyTotal')]);

interface WatchedQuantity {
  /** What one is in the integers of a sample. */
  readonly perUnit: number;
  readonly resolution: Resolution;
  /** Undefined when it is no counter. */
  readonly counter: CounterWatch | undefined;
}

/**
 * Judges the readings of one analyser, of any of its scan groups, by the rules of plausibility (docs/metering.md). Values stay as they
 * are. What it remembers does not grow, and of a reading in which all is well next to nothing is allocated.
 */
export class PlausibilityWatch {
  readonly #id: string;
  readonly #values = new LatestValues();
  readonly #quantities = new Map<number, WatchedQuantity>();
  readonly #agreements: readonly Agreement[];
  readonly #energy: EnergyWatch;
  /** Where the reading at hand has a value, -1 for nowhere, and whether a counter is marked in it, by the id of the quantity. */
  readonly #places = new Int16Array(ID_LIMIT);
  readonly #marked = new Uint8Array(ID_LIMIT);

  constructor({ id, profile, supply, patience = USUAL_PATIENCE }: WatchedAnalyser) {
    this.#id = id;
    for (const row of profile.rows) this.#quantities.set(idOf(row.quantity), watched(row, profile, supply));
    const has = (quantity: number): boolean => this.#quantities.has(quantity);
    this.#agreements = RULES.flatMap((rule) => rule({ has, supply })).map((check) => new Agreement(check, patience));
    this.#energy = new EnergyWatch(has, supply);
  }

  /** Lets a counter go on from what an earlier run showed last. */
  recall({ quantity, shown, atMs }: RecalledCounter): void {
    const known = this.#quantities.get(quantity);
    if (known && shown !== null) known.counter?.recall({ shown, value: Number(shown) / known.perUnit, atMs });
  }

  /** Another device has been in its place since an earlier run showed these quantities; those that are recalled already it showed itself. */
  wasExchanged(quantities: readonly number[]): void {
    for (const quantity of quantities) this.#quantities.get(quantity)?.counter?.wasExchanged();
  }

  /** Another device is in its place: what its counters show next is marked, and is their begin. */
  exchanged(): void {
    for (const { counter } of this.#quantities.values()) counter?.exchanged();
  }

  /** Judges a reading of one row of the analyser table. */
  take({ quantities, periodS }: Pick<AnalyserRow, 'quantities' | 'periodS'>, reading: JudgedReading): Findings {
    if (reading.values.length === 0) return NO_FINDINGS;
    const periodMs = periodS * 1_000;
    const flags = new FlagList((id) => this.#places[id] ?? -1);
    this.#takeValues(quantities, reading, periodMs);
    const events = this.#judgeCounters(quantities, reading.values, periodMs, flags);
    for (const agreement of this.#agreements) this.#judge(agreement, flags);
    const isNew = (id: number): boolean => (this.#places[id] ?? -1) >= 0;
    const isMarked = (id: number): boolean => this.#marked[id] === 1;
    this.#energy.take({ values: this.#values, isNew, isMarked }, flags);
    const found = flags.flags;
    return found.length === 0 && events.length === 0 ? NO_FINDINGS : { flags: found, events };
  }

  #takeValues(quantities: readonly number[], { startedAt, spanMs, offsets, values }: JudgedReading, periodMs: number): void {
    this.#places.fill(-1);
    let run = 0;
    let left = offsets?.[0]?.count ?? Infinity;
    for (let place = 0; place < quantities.length; place++, left--) {
      if (left === 0) left = offsets?.[++run]?.count ?? Infinity;
      const id = quantities[place] ?? 0;
      const known = this.#quantities.get(id);
      if (!known) continue;
      const shown = values[place] ?? null;
      if (shown !== null) this.#places[id] = place;
      const value = shown === null ? NaN : Number(shown) / known.perUnit;
      const offsetMs = offsets ? (offsets[run]?.ms ?? 0) : (spanMs * place) / quantities.length;
      this.#values.take(id, value, known.resolution(value), startedAt.monoMs + offsetMs, periodMs);
    }
  }

  #judgeCounters(
    quantities: readonly number[],
    values: readonly SampleValue[],
    periodMs: number,
    flags: FlagList,
  ): readonly CounterEvent[] {
    let events: CounterEvent[] | undefined;
    for (let place = 0; place < quantities.length; place++) {
      const id = quantities[place] ?? 0;
      const counter = this.#quantities.get(id)?.counter;
      if (!counter) continue;
      const shown = values[place] ?? null;
      const point = { shown, value: this.#values.value(id), atMs: this.#values.atMs(id) };
      const found = shown === null ? undefined : counter.take(point, this.#values.step(id), periodMs);
      this.#marked[id] = found ? 1 : 0;
      if (!found) continue;
      flags.mark(found.flag, id);
      const { flag, told } = found;
      if (flag !== 'meter-exchanged' && told !== undefined) {
        (events ??= []).push({ code: flag, facts: [this.#id, id, told, shown] });
      }
    }
    return events ?? NO_FINDINGS.events;
  }

  #judge(agreement: Agreement, flags: FlagList): void {
    const { ids } = agreement.check;
    if (!ids.some((id) => (this.#places[id] ?? -1) >= 0)) return;
    if (agreement.isBroken(this.#values)) for (const id of ids) flags.mark(agreement.check.flag, id);
  }
}

function watched(row: ProfileRow, { counters }: Pick<Profile, 'counters'>, supply: Supply): WatchedQuantity {
  const quantity = quantityByName(row.quantity);
  if (!quantity) throw new RangeError(`there is no quantity ${row.quantity}`);
  const isSigned = SIGNED.has(quantity.id);
  const { rollover, backMinutes = 0, steps = [] } = row.counter ?? counters ?? {};
  const facts = { end: counterEnd(row, rollover), mostWatts: mostWatts(supply), backMinutes, isSigned };
  const counts = isCounter(quantity) || isSigned;
  return {
    perUnit: 10 ** quantity.decimals,
    resolution: resolutionOf(row, counts ? steps : []),
    counter: counts ? new CounterWatch(facts) : undefined,
  };
}
