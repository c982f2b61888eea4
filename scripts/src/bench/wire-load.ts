import type { QuantityName } from '@farola/shared';
import { type Circuit, loadAt } from '@farola/agent/meter/tool/simulate/simulated-load.js';

/** Values of quantities, each in its unit, with all the digits that a meter could show. */
export type MeterValues = Readonly<Partial<Record<QuantityName, number>>>;

/** What a phase of a real circuit does, not rounded. */
interface Phase {
  readonly voltage: number;
  readonly current: number;
  readonly powerFactor: number;
}

/**
 * How much the values of a real panel move from one minute to the next, as standard deviations: those of the voltage in
 * V, of the whole grid and of each phase; current and frequency as meters of class 0.5 show them under a steady load.
 */
const JITTER = {
  gridVoltage: 0.25,
  phaseVoltage: 0.15,
  currentShare: 0.002,
  currentA: 0.001,
  powerFactor: 0.0015,
  frequencyHz: 0.008,
  thdVoltage: 0.04,
  thdCurrent: 0.25,
} as const;

const THD_VOLTAGE = 1.8;
const THD_CURRENT = 11.5;
const HOUR_MS = 3_600_000;
const PHASES = ['L1', 'L2', 'L3'] as const;

/** A lighting circuit whose values jitter in their last digits, as those of real meters do; the same for the same seed. */
export class JitteringCircuit {
  readonly #circuit: Circuit;
  readonly #seed: number;
  readonly #normal: () => number;
  readonly #wattHours: [number, number, number] = [1_200_000, 1_210_000, 1_170_000];
  #varHours = 1_100_000;
  #voltAmpereHours = 3_300_000;
  #countedToMs: number;

  /** @param startMs wall time at which the counters begin to run, ms since 1970 UTC */
  constructor(circuit: Circuit, seed: number, startMs: number) {
    this.#circuit = circuit;
    this.#seed = seed;
    this.#normal = normalOf(seed);
    this.#countedToMs = startMs;
  }

  /** What a meter sees at a moment. Call it with rising times. */
  valuesAt(wallMs: number): MeterValues {
    const normal = this.#normal;
    const { frequency, phases } = loadAt(this.#circuit, this.#seed, wallMs);
    const grid = JITTER.gridVoltage * normal();
    const jittering = phases.map(({ voltage, current, powerFactor }) => ({
      voltage: voltage + grid + JITTER.phaseVoltage * normal(),
      current: current === 0 ? 0 : current * (1 + JITTER.currentShare * normal()) + JITTER.currentA * normal(),
      powerFactor: Math.min(1, powerFactor + JITTER.powerFactor * normal()),
    }));
    const hours = (wallMs - this.#countedToMs) / HOUR_MS;
    this.#countedToMs = wallMs;
    const values: Partial<Record<QuantityName, number>> = { frequency: frequency + JITTER.frequencyHz * normal() };
    jittering.forEach((phase, index) => this.#addPhase(values, phase, index, hours));
    return { ...values, ...totalsOf(jittering), ...this.#counters() };
  }

  #addPhase(values: Partial<Record<QuantityName, number>>, phase: Phase, index: number, hours: number): void {
    const name = PHASES[index] ?? 'L1';
    const { active, reactive, apparent } = powersOf(phase);
    const lit = phase.current > 0;
    values[`voltage${name}`] = phase.voltage;
    values[`current${name}`] = phase.current;
    values[`activePower${name}`] = active;
    values[`reactivePower${name}`] = reactive;
    values[`reactivePowerInductive${name}`] = reactive;
    values[`apparentPower${name}`] = apparent;
    values[`powerFactor${name}`] = lit ? phase.powerFactor : 1;
    values[`cosPhi${name}`] = lit ? phase.powerFactor : 1;
    values[`thdVoltage${name}`] = THD_VOLTAGE + JITTER.thdVoltage * this.#normal();
    values[`thdCurrent${name}`] = lit ? THD_CURRENT + JITTER.thdCurrent * this.#normal() : 0;
    this.#wattHours[index] = (this.#wattHours[index] ?? 0) + active * hours;
    this.#varHours += reactive * hours;
    this.#voltAmpereHours += apparent * hours;
  }

  #counters(): MeterValues {
    const [l1, l2, l3] = this.#wattHours;
    return {
      activeEnergyImportL1: l1,
      activeEnergyImportL2: l2,
      activeEnergyImportL3: l3,
      activeEnergyImportTotal: l1 + l2 + l3,
      activeEnergySumTotal: l1 + l2 + l3,
      reactiveEnergyInductiveTotal: this.#varHours,
      reactiveEnergyImportTotal: this.#varHours,
      reactiveEnergySumTotal: this.#varHours,
      apparentEnergyTotal: this.#voltAmpereHours,
    };
  }
}

function powersOf({ voltage, current, powerFactor }: Phase): { active: number; reactive: number; apparent: number } {
  const apparent = voltage * current;
  return { apparent, active: apparent * powerFactor, reactive: apparent * Math.sqrt(1 - powerFactor ** 2) };
}

function totalsOf(phases: readonly Phase[]): MeterValues {
  const powers = phases.map(powersOf);
  const active = total(powers.map((one) => one.active));
  const reactive = total(powers.map((one) => one.reactive));
  const apparent = total(powers.map((one) => one.apparent));
  const [v1 = 0, v2 = 0, v3 = 0] = phases.map(({ voltage }) => voltage);
  const [i1 = 0, i2 = 0, i3 = 0] = phases.map(({ current }) => current);
  return {
    activePowerTotal: active,
    reactivePowerTotal: reactive,
    reactivePowerInductiveTotal: reactive,
    apparentPowerTotal: apparent,
    powerFactorTotal: active / apparent,
    cosPhiTotal: active / apparent,
    voltageAvg: (v1 + v2 + v3) / 3,
    currentAvg: (i1 + i2 + i3) / 3,
    voltageL12: between(v1, v2),
    voltageL23: between(v2, v3),
    voltageL31: between(v3, v1),
    currentNeutral: Math.sqrt(Math.max(0, i1 ** 2 + i2 ** 2 + i3 ** 2 - i1 * i2 - i2 * i3 - i3 * i1)),
  };
}

/** Voltage between two phases 120 degrees apart, by the law of cosines. */
function between(a: number, b: number): number {
  return Math.sqrt(a ** 2 + b ** 2 + a * b);
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** Normally distributed numbers (Box and Muller), from a linear congruential generator (Numerical Recipes, 7.1). */
function normalOf(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}
