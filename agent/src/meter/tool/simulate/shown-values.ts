import type { QuantityName } from '@farola/shared';

/** Values of quantities, each in its unit. */
export type ShownValues = Readonly<Partial<Record<QuantityName, number>>>;

/** One phase as a meter sees it. */
export interface ShownPhase {
  /** V. */
  readonly voltage: number;
  /** A. */
  readonly current: number;
  /** W. */
  readonly active: number;
  /** var, inductive. */
  readonly reactive: number;
  /** VA. */
  readonly apparent: number;
  readonly powerFactor: number;
  /** Percent. */
  readonly thdVoltage: number;
  /** Percent. */
  readonly thdCurrent: number;
}

/** What a meter has counted. */
export interface ShownCounters {
  /** Wh of L1, L2 and L3. */
  readonly activeWh: readonly number[];
  readonly reactiveVarh: number;
  readonly apparentVah: number;
}

const PHASES = ['L1', 'L2', 'L3'] as const;

/** What a meter shows of three phases, and of all of them, with all digits. */
export function valuesOfPhases(phases: readonly ShownPhase[]): ShownValues {
  const values: Partial<Record<QuantityName, number>> = {};
  phases.forEach(({ voltage, current, active, reactive, apparent, powerFactor, thdVoltage, thdCurrent }, index) => {
    const phase = PHASES[index] ?? 'L1';
    values[`voltage${phase}`] = voltage;
    values[`current${phase}`] = current;
    values[`activePower${phase}`] = active;
    values[`reactivePower${phase}`] = reactive;
    values[`reactivePowerInductive${phase}`] = reactive;
    values[`apparentPower${phase}`] = apparent;
    values[`powerFactor${phase}`] = powerFactor;
    // The coding of Schneider shows an inductive load that draws as the factor itself.
    values[`powerFactor4q${phase}`] = powerFactor;
    values[`cosPhi${phase}`] = powerFactor;
    values[`thdVoltage${phase}`] = thdVoltage;
    values[`thdCurrent${phase}`] = thdCurrent;
  });
  return { ...values, ...totalsOf(phases) };
}

function totalsOf(phases: readonly ShownPhase[]): ShownValues {
  const total = (of: (phase: ShownPhase) => number): number => phases.reduce((sum, phase) => sum + of(phase), 0);
  const [active, reactive, apparent] = [
    total((phase) => phase.active),
    total((phase) => phase.reactive),
    total((phase) => phase.apparent),
  ];
  const powerFactor = apparent === 0 ? 1 : active / apparent;
  const [v1 = 0, v2 = 0, v3 = 0] = phases.map(({ voltage }) => voltage);
  const [i1 = 0, i2 = 0, i3 = 0] = phases.map(({ current }) => current);
  return {
    activePowerTotal: active,
    reactivePowerTotal: reactive,
    reactivePowerInductiveTotal: reactive,
    apparentPowerTotal: apparent,
    powerFactorTotal: powerFactor,
    powerFactor4qTotal: powerFactor,
    cosPhiTotal: powerFactor,
    voltageAvg: (v1 + v2 + v3) / 3,
    currentAvg: (i1 + i2 + i3) / 3,
    voltageL12: between(v1, v2),
    voltageL23: between(v2, v3),
    voltageL31: between(v3, v1),
    // The sum of three vectors 120 degrees apart.
    currentNeutral: Math.sqrt(Math.max(0, i1 ** 2 + i2 ** 2 + i3 ** 2 - i1 * i2 - i2 * i3 - i3 * i1)),
  };
}

/** Voltage between two phases 120 degrees apart, by the law of cosines. */
function between(a: number, b: number): number {
  return Math.sqrt(a ** 2 + b ** 2 + a * b);
}

/**
 * What a meter shows of its counters: all was drawn, at the first tariff, and none of it was set to zero since. What was given, and what
 * was capacitive, is not there, and shown as 0.
 */
export function valuesOfCounters({ activeWh: [l1 = 0, l2 = 0, l3 = 0], reactiveVarh, apparentVah }: ShownCounters): ShownValues {
  const active = l1 + l2 + l3;
  return {
    activeEnergyImportL1: l1,
    activeEnergyImportL2: l2,
    activeEnergyImportL3: l3,
    activeEnergyImportTotal: active,
    activeEnergyImportTariff1: active,
    activeEnergyImportPartialTotal: active,
    activeEnergySumTotal: active,
    activeEnergyNetTotal: active,
    reactiveEnergyInductiveTotal: reactiveVarh,
    reactiveEnergyImportTotal: reactiveVarh,
    reactiveEnergyImportTariff1: reactiveVarh,
    reactiveEnergyImportPartialTotal: reactiveVarh,
    reactiveEnergySumTotal: reactiveVarh,
    reactiveEnergyTotal: reactiveVarh,
    apparentEnergyTotal: apparentVah,
    apparentEnergyTariff1: apparentVah,
    apparentEnergyPartialTotal: apparentVah,
  };
}
