import { cannotHold } from '../../profile/fact-value.js';
import type { FactRegister, Profile } from '../../profile/profile.js';
import { spanOfPart } from '../../profile/profile.js';
import { SimulatedAnalyser } from './simulated-analyser.js';
import type { Circuit } from './simulated-load.js';
import { encodeFacts, encodeRegisters } from './simulated-registers.js';
import type { Registers } from './simulated-registers.js';
import { answerRequest } from './simulated-slave.js';

/** What a device says of itself and how it is set, by the names of facts and settings: as registers hold them. */
export type SimulatedFacts = Readonly<Record<string, number | string>>;

/** Which meter is simulated. */
export interface SimulatedMeterOptions {
  readonly profile: Profile;
  readonly unit: number;
  /** Meters of one seed show the same at the same time. */
  readonly seed: number;
  /** What it says of itself otherwise than `usualFacts`. */
  readonly facts?: SimulatedFacts;
  /** Simulated time, ms since 1970 UTC. */
  readonly wallMs: () => number;
}

/** A lighting circuit of about 5 kW. */
const CIRCUIT: Circuit = { lampWatts: [1_840, 1_750, 1_910], standbyWatts: 18 };

/** Transformers of 100 A to 5 A, none for voltage, and one tariff. */
const SETTINGS: SimulatedFacts = {
  ctPrimary: 100,
  ctSecondary: 5,
  ctRatio: 20,
  vtPrimary: 1,
  vtSecondary: 1,
  vtRatio: 1,
  tariff: 1,
  changeCounter: 1,
  measuringSystem: 0,
  thdEnable: 1,
};

/** What a device of this profile says of itself when nothing else is told: its first model, and numbers that are easily seen to be made up. */
export function usualFacts({ identity, models }: Pick<Profile, 'identity' | 'models'>): SimulatedFacts {
  const [model] = Object.keys(identity?.model?.values ?? {});
  return {
    ...(model === undefined ? {} : { model }),
    ...textOrNumber('serialNumber', identity?.serialNumber, 'SIM12345', 12_345),
    ...textOrNumber('firmware', identity?.firmware, '1.00', 100),
    ...textOrNumber('productName', identity?.productName, models[0] ?? '', 1),
    ...SETTINGS,
  };
}

function textOrNumber(name: string, fact: FactRegister | undefined, text: string, number: number): SimulatedFacts {
  if (!fact) return {};
  return { [name]: fact.type === 'string' ? text : number };
}

/** Names of the facts and settings that a profile has registers for. */
export function factNames({ identity = {}, setup }: Pick<Profile, 'identity' | 'setup'>): string[] {
  return [...Object.keys(identity), ...setup.map(({ what }) => what)];
}

/** Why a device of this profile never says this of itself; undefined when it can. */
export function factProblem(
  { identity = {}, setup }: Pick<Profile, 'identity' | 'setup'>,
  name: string,
  value: string,
): string | undefined {
  const fact = Object.entries(identity).find(([known]) => known === name)?.[1] ?? setup.find(({ what }) => what === name);
  return fact && cannotHold(fact, value);
}

/** A meter of a profile on a lighting circuit, by the load of a November night: what it answers to each request. */
export class SimulatedMeter {
  readonly profile: Profile;
  readonly unit: number;
  readonly #analyser: SimulatedAnalyser;
  readonly #facts: SimulatedFacts;
  readonly #wallMs: () => number;

  constructor({ profile, unit, seed, facts = {}, wallMs }: SimulatedMeterOptions) {
    this.profile = profile;
    this.unit = unit;
    this.#analyser = new SimulatedAnalyser(CIRCUIT, seed, wallMs());
    this.#facts = { ...usualFacts(profile), ...facts };
    this.#wallMs = wallMs;
  }

  /** The answer to a request frame; undefined when it is for another unit. */
  answer(request: Uint8Array): Uint8Array | undefined {
    return answerRequest(request, (unit, functionCode) => (unit === this.unit ? this.#registers(functionCode) : undefined));
  }

  #registers(functionCode: number): [Profile, Registers, Registers] {
    const values: Readonly<Record<string, number>> = this.#analyser.valuesAt(this.#wallMs());
    const shown = encodeRegisters(this.profile, (quantity) => values[quantity], functionCode);
    const facts = encodeFacts(this.profile, this.#facts, functionCode);
    for (const fact of unsaid(this.profile, this.#facts)) {
      const { from, to } = spanOfPart(fact);
      for (let register = from; register < to; register++) facts.set(register, 0);
    }
    const has = shown.size + facts.size > 0;
    return [has ? { ...this.profile, functionCode: functionCode === 3 ? 3 : 4 } : this.profile, shown, facts];
  }
}

/** Registers of facts that nothing is told of: they are there, and hold 0. */
function unsaid({ identity = {}, setup }: Profile, facts: SimulatedFacts): FactRegister[] {
  const named = setup.filter(({ what }) => facts[what] === undefined);
  return [...Object.entries(identity).flatMap(([name, fact]) => (fact && facts[name] === undefined ? [fact] : [])), ...named];
}
