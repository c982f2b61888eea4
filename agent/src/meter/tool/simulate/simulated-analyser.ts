import { valuesOfCounters, valuesOfPhases } from './shown-values.js';
import type { ShownPhase, ShownValues } from './shown-values.js';
import { loadAt } from './simulated-load.js';
import type { Circuit, LoadInstant } from './simulated-load.js';

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
  valuesAt(wallMs: number): ShownValues {
    for (; this.#countedToMs + STEP_MS <= wallMs; this.#countedToMs += STEP_MS) {
      this.#count(loadAt(this.#circuit, this.#seed, this.#countedToMs + STEP_MS / 2));
    }
    return { ...instantaneous(loadAt(this.#circuit, this.#seed, wallMs)), ...this.#counters() };
  }

  #count(load: LoadInstant): void {
    const hours = STEP_MS / HOUR_MS / this.#speed;
    phasesOf(load).forEach(({ active, reactive, apparent }, phase) => {
      this.#activeWh[phase] = (this.#activeWh[phase] ?? 0) + active * hours;
      this.#reactiveVarh += reactive * hours;
      this.#apparentVah += apparent * hours;
    });
  }

  #counters(): ShownValues {
    return valuesOfCounters({
      activeWh: this.#activeWh.map(Math.floor),
      reactiveVarh: Math.floor(this.#reactiveVarh),
      apparentVah: Math.floor(this.#apparentVah),
    });
  }
}

/** What the meter measures, in whole W, var and VA. */
function phasesOf({ phases }: LoadInstant): ShownPhase[] {
  return phases.map(({ voltage, current, powerFactor }) => {
    const apparent = Math.round(voltage * current);
    const active = Math.round(voltage * current * powerFactor);
    const reactive = Math.round(Math.sqrt(Math.max(0, apparent ** 2 - active ** 2)));
    const [thdVoltage, thdCurrent] = [1.8, current > 0 ? 11.5 : 0];
    return { voltage, current, active, reactive, apparent, powerFactor, thdVoltage, thdCurrent };
  });
}

function instantaneous(load: LoadInstant): ShownValues {
  const values = valuesOfPhases(phasesOf(load));
  return {
    frequency: load.frequency,
    ...values,
    powerFactorTotal: rounded(values.powerFactorTotal, 2),
    powerFactor4qTotal: rounded(values.powerFactor4qTotal, 2),
    cosPhiTotal: rounded(values.cosPhiTotal, 2),
    voltageL12: rounded(values.voltageL12, 1),
    voltageL23: rounded(values.voltageL23, 1),
    voltageL31: rounded(values.voltageL31, 1),
  };
}

function rounded(value = 0, decimals = 0): number {
  const factor = 10 ** decimals;
  return Math.round(factor * value) / factor;
}
