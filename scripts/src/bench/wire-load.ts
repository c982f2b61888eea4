import {
  type ShownPhase,
  type ShownValues,
  valuesOfCounters,
  valuesOfPhases,
} from '@farola/agent/meter/tool/simulate/shown-values.js';
import { type Circuit, loadAt, type PhaseInstant } from '@farola/agent/meter/tool/simulate/simulated-load.js';

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

  /** What a meter sees at a moment, with all the digits that one could show. Call it with rising times. */
  valuesAt(wallMs: number): ShownValues {
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
    const shownFrequency = frequency + JITTER.frequencyHz * normal();
    const shown = jittering.map((phase) => this.#shown(phase));
    this.#count(shown, hours);
    const counters = {
      activeWh: this.#wattHours,
      reactiveVarh: this.#varHours,
      apparentVah: this.#voltAmpereHours,
    };
    return { frequency: shownFrequency, ...valuesOfPhases(shown), ...valuesOfCounters(counters) };
  }

  #count(phases: readonly ShownPhase[], hours: number): void {
    phases.forEach(({ active, reactive, apparent }, index) => {
      this.#wattHours[index] = (this.#wattHours[index] ?? 0) + active * hours;
      this.#varHours += reactive * hours;
      this.#voltAmpereHours += apparent * hours;
    });
  }

  #shown({ voltage, current, powerFactor }: PhaseInstant): ShownPhase {
    const apparent = voltage * current;
    const isLit = current > 0;
    return {
      voltage,
      current,
      active: apparent * powerFactor,
      reactive: apparent * Math.sqrt(1 - powerFactor ** 2),
      apparent,
      powerFactor: isLit ? powerFactor : 1,
      thdVoltage: THD_VOLTAGE + JITTER.thdVoltage * this.#normal(),
      thdCurrent: isLit ? THD_CURRENT + JITTER.thdCurrent * this.#normal() : 0,
    };
  }
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
