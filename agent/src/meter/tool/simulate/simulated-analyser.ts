import type { QuantityName } from '@farola/shared';
import { loadAt } from './simulated-load.js';
import type { Circuit, LoadInstant } from './simulated-load.js';

/** Values of quantities, each in its unit. */
export type SimulatedValues = Readonly<Partial<Record<QuantityName, number>>>;

/** Counters are integrated on this grid, so that they depend on the time alone and not on who reads when. */
const STEP_MS = 10_000;
const HOUR_MS = 3_600_000;

/** A meter on a simulated circuit. Its counters begin with a past of their own and only rise. */
export class SimulatedAnalyser {
  readonly #circuit: Circuit;
  readonly #seed: number;
  readonly #speed: number;
  #countedToMs: number;
  readonly #activeWh: number[];
  #reactiveVarh: number;
  #apparentVah: number;

  /**
   * @param startMs simulated time at which the counters begin to run, ms since 1970 UTC
   * @param speed simulated time by that of who reads: counters count in the latter, so that they agree with the power as it is seen
   */
  constructor(circuit: Circuit, seed: number, startMs: number, speed = 1) {
    this.#circuit = circuit;
    this.#seed = seed;
    this.#speed = speed;
    this.#countedToMs = startMs;
    const past = 1_000_000 + ((seed * 7_919) % 1_000) * 1_000;
    this.#activeWh = [past, past + 12_345, past - 23_456];
    this.#reactiveVarh = Math.round(past * 0.9);
    this.#apparentVah = Math.round(past * 3.2);
  }

  /** What the meter shows at a simulated moment. Time that goes back leaves the counters as they are. */
  valuesAt(wallMs: number): SimulatedValues {
    for (; this.#countedToMs + STEP_MS <= wallMs; this.#countedToMs += STEP_MS) {
      this.#count(loadAt(this.#circuit, this.#seed, this.#countedToMs + STEP_MS / 2));
    }
    return { ...instantaneous(loadAt(this.#circuit, this.#seed, wallMs)), ...this.#counters() };
  }

  #count(load: LoadInstant): void {
    const hours = STEP_MS / HOUR_MS / this.#speed;
    powersOf(load).forEach(({ active, reactive, apparent }, phase) => {
      this.#activeWh[phase] = (this.#activeWh[phase] ?? 0) + active * hours;
      this.#reactiveVarh += reactive * hours;
      this.#apparentVah += apparent * hours;
    });
  }

  #counters(): SimulatedValues {
    const [l1 = 0, l2 = 0, l3 = 0] = this.#activeWh.map(Math.floor);
    const reactive = Math.floor(this.#reactiveVarh);
    return {
      activeEnergyImportL1: l1,
      activeEnergyImportL2: l2,
      activeEnergyImportL3: l3,
      activeEnergyImportTotal: l1 + l2 + l3,
      activeEnergySumTotal: l1 + l2 + l3,
      reactiveEnergyInductiveTotal: reactive,
      reactiveEnergyImportTotal: reactive,
      reactiveEnergySumTotal: reactive,
      apparentEnergyTotal: Math.floor(this.#apparentVah),
    };
  }
}

interface Powers {
  readonly active: number;
  readonly reactive: number;
  readonly apparent: number;
}

function powersOf(load: LoadInstant): Powers[] {
  return load.phases.map(({ voltage, current, powerFactor }) => {
    const apparent = Math.round(voltage * current);
    const active = Math.round(voltage * current * powerFactor);
    return { active, apparent, reactive: Math.round(Math.sqrt(Math.max(0, apparent ** 2 - active ** 2))) };
  });
}

function instantaneous(load: LoadInstant): SimulatedValues {
  const values: Partial<Record<QuantityName, number>> = { frequency: load.frequency };
  const powers = powersOf(load);
  load.phases.forEach(({ voltage, current, powerFactor }, index) => {
    const phase = PHASES[index] ?? 'L1';
    const { active = 0, reactive = 0, apparent = 0 } = powers[index] ?? {};
    values[`voltage${phase}`] = voltage;
    values[`current${phase}`] = current;
    values[`activePower${phase}`] = active;
    values[`reactivePower${phase}`] = reactive;
    values[`reactivePowerInductive${phase}`] = reactive;
    values[`apparentPower${phase}`] = apparent;
    values[`powerFactor${phase}`] = powerFactor;
    values[`cosPhi${phase}`] = powerFactor;
    values[`thdVoltage${phase}`] = 1.8;
    values[`thdCurrent${phase}`] = current > 0 ? 11.5 : 0;
  });
  return { ...values, ...totalsOf(load, powers) };
}

const PHASES = ['L1', 'L2', 'L3'] as const;

function totalsOf({ phases }: LoadInstant, powers: Powers[]): SimulatedValues {
  const [v1 = 0, v2 = 0, v3 = 0] = phases.map((phase) => phase.voltage);
  const [i1 = 0, i2 = 0, i3 = 0] = phases.map((phase) => phase.current);
  const [active, reactive, apparent] = [
    total(powers.map((power) => power.active)),
    total(powers.map((power) => power.reactive)),
    total(powers.map((power) => power.apparent)),
  ];
  const powerFactor = apparent === 0 ? 1 : Math.round((100 * active) / apparent) / 100;
  return {
    activePowerTotal: active,
    reactivePowerTotal: reactive,
    reactivePowerInductiveTotal: reactive,
    apparentPowerTotal: apparent,
    powerFactorTotal: powerFactor,
    cosPhiTotal: powerFactor,
    voltageAvg: (v1 + v2 + v3) / 3,
    currentAvg: (i1 + i2 + i3) / 3,
    // Vectors 120 degrees apart: voltages between phases by the law of cosines, the neutral by the sum of currents.
    voltageL12: lineVoltage(v1, v2),
    voltageL23: lineVoltage(v2, v3),
    voltageL31: lineVoltage(v3, v1),
    currentNeutral: Math.sqrt(Math.max(0, i1 ** 2 + i2 ** 2 + i3 ** 2 - i1 * i2 - i2 * i3 - i3 * i1)),
  };
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function lineVoltage(a: number, b: number): number {
  return Math.round(10 * Math.sqrt(a ** 2 + b ** 2 + a * b)) / 10;
}
