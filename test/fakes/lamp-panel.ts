/** How a panel of a test is built, and in which of the ways of models its meter adds and shows. */
export interface LampPanelOptions {
  readonly seed: number;
  /** Mean time from a switch of a lamp group to its next, ms. */
  readonly switchMs?: number;
  /** W of a lamp group at most; the least is a tenth. */
  readonly groupWatts?: number;
  /** Lamp groups of L1, L2 and L3. */
  readonly groups?: readonly [number, number, number];
  /** Whether lamps are all off for half of each two hours. */
  readonly darkHours?: boolean;
}

interface Lamps {
  readonly phase: number;
  readonly watts: number;
  /** var for each W, capacitive below zero. */
  readonly reactive: number;
  isOn: boolean;
  nextMs: number;
}

interface Power {
  active: number;
  reactive: number;
  apparent: number;
}

const HOUR_MS = 3_600_000;
const PHASES = ['L1', 'L2', 'L3'] as const;
/** Class 1: what a value is off by at most, as a share. */
const CLASS = 0.01;
/** What the electronics of a panel draw, and their power factor. */
const STANDBY = { watts: 14, apparent: 40 };

/** Numbers from 0 up to 1 that are the same in every run (mulberry32). */
export function numbersOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A street-lighting panel whose lamps are switched at random, and an honest meter on it: each value is off by what class 1 allows,
 * each time anew; counters are the integral of the true power, and off by a constant share. Time goes on only.
 */
export class LampPanel {
  readonly #random: () => number;
  readonly #lamps: readonly Lamps[];
  readonly #options: Required<LampPanelOptions>;
  /** In which of the ways of models this meter adds and shows. */
  readonly #ways;
  readonly #gains: ReadonlyMap<string, number>;
  readonly #activeWh = [0, 0, 0];
  readonly #reactiveVarh = { inductive: 0, capacitive: 0 };
  readonly #volts = [230, 230, 230];
  #apparentVah = 0;
  #nowMs = 0;

  constructor(options: LampPanelOptions) {
    const { seed, switchMs = 600_000, groupWatts = 1_500, groups = [3, 4, 5], darkHours = false } = options;
    this.#options = { seed, switchMs, groupWatts, groups, darkHours };
    this.#random = numbersOf(seed);
    const random = this.#random;
    this.#lamps = groups.flatMap((count, phase) =>
      Array.from({ length: count }, () => ({
        phase,
        watts: groupWatts * (0.1 + 0.9 * random()),
        reactive: 1.2 * random() - 0.6,
        isOn: random() < 0.8,
        nextMs: switchMs * random(),
      })),
    );
    const vectorTotal = random() < 0.5;
    this.#ways = {
      vectorTotal,
      unsignedReactive: random() < 0.5,
      rootTotal: !vectorTotal && random() < 0.5,
      signOfFactor: random() < 0.5 ? 1 : -1,
      fundamentalApparent: random() < 0.3,
      startsAtVa: random() < 0.5 ? 40 : 0,
      distortion: 0.4 * random(),
    };
    this.#gains = new Map(['L1', 'L2', 'L3', 'Total'].map((name) => [name, 1 + CLASS * (2 * random() - 1)]));
  }

  /** What the meter shows, by the name of the quantity, in its unit. @param atMs no earlier than before */
  valuesAt(atMs: number): Record<string, number> {
    this.#goOnTo(atMs);
    return { ...this.#instantaneous(), ...this.#counters() };
  }

  #goOnTo(atMs: number): void {
    while (this.#nowMs < atMs) {
      const next = Math.min(atMs, this.#nextDarkMs(), ...this.#lamps.map(({ nextMs }) => nextMs));
      this.#count(next - this.#nowMs);
      this.#nowMs = next;
      for (const lamps of this.#lamps) {
        if (lamps.nextMs > next) continue;
        lamps.isOn = !lamps.isOn;
        lamps.nextMs = next - this.#options.switchMs * Math.log(1 - this.#random());
      }
    }
    this.#volts.forEach((volts, phase) => {
      this.#volts[phase] = Math.min(245, Math.max(210, volts + 0.5 * (2 * this.#random() - 1)));
    });
  }

  #nextDarkMs(): number {
    return this.#options.darkHours ? (Math.floor(this.#nowMs / HOUR_MS) + 1) * HOUR_MS : Infinity;
  }

  #powers(): Power[] {
    const dark = this.#options.darkHours && Math.floor(this.#nowMs / HOUR_MS) % 2 === 1;
    return [0, 1, 2].map((phase) => {
      const power = { active: phase === 0 ? STANDBY.watts : 0, reactive: 0, apparent: 0 };
      for (const { phase: of, watts, reactive, isOn } of this.#lamps) {
        if (of !== phase || !isOn || dark) continue;
        power.active += watts;
        power.reactive += watts * reactive;
      }
      const { active, reactive } = power;
      const distorted = this.#ways.distortion * Math.hypot(active, reactive);
      power.apparent = Math.max(phase === 0 ? STANDBY.apparent : 0, Math.hypot(active, reactive, distorted));
      return power;
    });
  }

  #count(ms: number): void {
    const hours = ms / HOUR_MS;
    this.#powers().forEach(({ active, reactive, apparent }, phase) => {
      this.#activeWh[phase] = (this.#activeWh[phase] ?? 0) + active * hours;
      if (reactive > 0) this.#reactiveVarh.inductive += reactive * hours;
      else this.#reactiveVarh.capacitive -= reactive * hours;
      this.#apparentVah += apparent * hours;
    });
  }

  #noisy(value: number, of = value): number {
    return value + CLASS * Math.abs(of) * (2 * this.#random() - 1);
  }

  #instantaneous(): Record<string, number> {
    const ways = this.#ways;
    const values: Record<string, number> = { frequency: 50 + 0.1 * (this.#random() - 0.5) };
    const powers = this.#powers().map((power) =>
      power.apparent < ways.startsAtVa ? { active: 0, reactive: 0, apparent: 0 } : power,
    );
    powers.forEach((power, phase) => this.#showPhase(values, power, phase));
    const active = powers.reduce((sum, power) => sum + power.active, 0);
    const signed = powers.reduce((sum, power) => sum + power.reactive, 0);
    const arithmetic = powers.reduce((sum, power) => sum + shownApparent(power, ways), 0);
    const apparent = ways.vectorTotal ? Math.hypot(active, signed) : arithmetic;
    const sizes = powers.reduce((sum, power) => sum + Math.abs(power.reactive), 0);
    const root = Math.sqrt(Math.max(0, arithmetic ** 2 - active ** 2));
    const reactive = ways.rootTotal ? root : ways.unsignedReactive ? sizes : signed;
    this.#show(values, 'Total', { active, reactive, apparent });
    values['voltageAvg'] = this.#noisy(this.#volts.reduce((sum, volts) => sum + volts, 0) / 3);
    const between = (a: number, b: number): number => this.#noisy(Math.sqrt(a ** 2 + b ** 2 + a * b));
    const [v1 = 0, v2 = 0, v3 = 0] = this.#volts;
    return { ...values, voltageL12: between(v1, v2), voltageL23: between(v2, v3), voltageL31: between(v3, v1) };
  }

  #showPhase(values: Record<string, number>, power: Power, phase: number): void {
    const name = PHASES[phase] ?? 'L1';
    const volts = this.#volts[phase] ?? 230;
    values[`voltage${name}`] = this.#noisy(volts, volts / 2);
    values[`current${name}`] = this.#noisy(power.apparent / volts);
    const { active, reactive } = power;
    const shown = this.#ways.unsignedReactive ? Math.abs(reactive) : reactive;
    this.#show(values, name, { active, reactive: shown, apparent: shownApparent(power, this.#ways) });
  }

  #show(values: Record<string, number>, where: string, { active, reactive, apparent }: Power): void {
    values[`activePower${where}`] = this.#noisy(active);
    values[`apparentPower${where}`] = this.#noisy(apparent);
    const seen = this.#noisy(reactive, apparent);
    values[`reactivePower${where}`] = seen;
    values[`reactivePowerInductive${where}`] = Math.max(0, seen);
    values[`reactivePowerCapacitive${where}`] = Math.max(0, -seen);
    const factor = this.#noisy(apparent === 0 ? 1 : active / apparent);
    values[`powerFactor${where}`] = Math.min(1, factor) * this.#ways.signOfFactor;
    values[`powerFactor4q${where}`] = reactive < 0 ? 2 - Math.min(1, factor) : Math.min(1, factor);
  }

  #counters(): Record<string, number> {
    const values: Record<string, number> = {};
    const past = 1_234_567;
    const of = (name: string, wh: number): number => past + wh * (this.#gains.get(name) ?? 1);
    PHASES.forEach((name, phase) => {
      values[`activeEnergyImport${name}`] = of(name, this.#activeWh[phase] ?? 0);
    });
    const total = of(
      'Total',
      this.#activeWh.reduce((sum, wh) => sum + wh, 0),
    );
    for (const name of ['ImportTotal', 'ImportPartialTotal', 'SumTotal', 'NetTotal', 'ImportTariff1']) {
      values[`activeEnergy${name}`] = total;
    }
    const { inductive, capacitive } = this.#reactiveVarh;
    for (const name of ['ImportTotal', 'ImportPartialTotal', 'InductiveTotal', 'ImportTariff1']) {
      values[`reactiveEnergy${name}`] = past + inductive;
    }
    for (const name of ['ExportTotal', 'CapacitiveTotal', 'ExportTariff1']) values[`reactiveEnergy${name}`] = past + capacitive;
    values['reactiveEnergySumTotal'] = past + inductive + capacitive;
    values['reactiveEnergyTotal'] = past + inductive - capacitive;
    for (const name of ['Total', 'PartialTotal', 'Tariff1']) values[`apparentEnergy${name}`] = past + this.#apparentVah;
    return values;
  }
}

function shownApparent({ active, reactive, apparent }: Power, { fundamentalApparent }: { fundamentalApparent: boolean }): number {
  return fundamentalApparent ? Math.hypot(active, reactive) : apparent;
}
