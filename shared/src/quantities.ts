/** A unit in which quantities are kept. `1` is a pure number, `degC` degrees Celsius. */
export type Unit = 'V' | 'A' | 'W' | 'var' | 'VA' | 'Hz' | 'Wh' | 'varh' | 'VAh' | '%' | '1' | 'degC';

/** What can be measured. A value is an integer: `value in unit = integer / 10 ** decimals`. */
export interface Quantity {
  /** Number on the wire and in the ledger; never reused for another quantity. */
  readonly id: number;
  readonly name: string;
  readonly unit: Unit;
  /** Digits behind the decimal point that an integer value carries. */
  readonly decimals: number;
  /** OBIS code, IEC 62056-6-1 (group C of the phases is that of L1 plus 20 and 40). */
  readonly obis?: string;
  /** Attribute of TALQ 2.7.1 `ElectricalMeterFunction`. */
  readonly talq?: string;
  /** Attribute of FIWARE `StreetlightControlCabinet`. */
  readonly fiware?: string;
}

/**
 * The one registry. Power is signed, import above zero: hence OBIS 16.7.0 and 36/56/76.7.0. A 4q power factor is the
 * raw four-quadrant coding of some Schneider models. Energies are whole Wh, varh and VAh: a counter that a meter keeps
 * in two registers is one quantity, put together by the profile.
 */
export const QUANTITIES = [
  { id: 1, name: 'voltageL1', unit: 'V', decimals: 2, obis: '1-0:32.7.0', talq: 'phase1Voltage', fiware: 'voltageR' },
  { id: 2, name: 'voltageL2', unit: 'V', decimals: 2, obis: '1-0:52.7.0', talq: 'phase2Voltage', fiware: 'voltageS' },
  { id: 3, name: 'voltageL3', unit: 'V', decimals: 2, obis: '1-0:72.7.0', talq: 'phase3Voltage', fiware: 'voltageT' },
  { id: 4, name: 'currentL1', unit: 'A', decimals: 3, obis: '1-0:31.7.0', talq: 'phase1Current', fiware: 'intensityR' },
  { id: 5, name: 'currentL2', unit: 'A', decimals: 3, obis: '1-0:51.7.0', talq: 'phase2Current', fiware: 'intensityS' },
  { id: 6, name: 'currentL3', unit: 'A', decimals: 3, obis: '1-0:71.7.0', talq: 'phase3Current', fiware: 'intensityT' },
  { id: 7, name: 'activePowerL1', unit: 'W', decimals: 1, obis: '1-0:36.7.0', talq: 'phase1ActivePower', fiware: 'activePowerR' },
  { id: 8, name: 'activePowerL2', unit: 'W', decimals: 1, obis: '1-0:56.7.0', talq: 'phase2ActivePower', fiware: 'activePowerS' },
  { id: 9, name: 'activePowerL3', unit: 'W', decimals: 1, obis: '1-0:76.7.0', talq: 'phase3ActivePower', fiware: 'activePowerT' },
  { id: 10, name: 'reactivePowerL1', unit: 'var', decimals: 1, obis: '1-0:23.7.0', talq: 'phase1ReactivePower' },
  { id: 11, name: 'reactivePowerL2', unit: 'var', decimals: 1, obis: '1-0:43.7.0', talq: 'phase2ReactivePower' },
  { id: 12, name: 'reactivePowerL3', unit: 'var', decimals: 1, obis: '1-0:63.7.0', talq: 'phase3ReactivePower' },
  { id: 13, name: 'apparentPowerL1', unit: 'VA', decimals: 1, obis: '1-0:29.7.0', talq: 'phase1ApparentPower' },
  { id: 14, name: 'apparentPowerL2', unit: 'VA', decimals: 1, obis: '1-0:49.7.0', talq: 'phase2ApparentPower' },
  { id: 15, name: 'apparentPowerL3', unit: 'VA', decimals: 1, obis: '1-0:69.7.0', talq: 'phase3ApparentPower' },
  {
    id: 16,
    name: 'powerFactorL1',
    unit: '1',
    decimals: 3,
    obis: '1-0:33.7.0',
    talq: 'phase1PowerFactor',
    fiware: 'powerFactorR',
  },
  {
    id: 17,
    name: 'powerFactorL2',
    unit: '1',
    decimals: 3,
    obis: '1-0:53.7.0',
    talq: 'phase2PowerFactor',
    fiware: 'powerFactorS',
  },
  {
    id: 18,
    name: 'powerFactorL3',
    unit: '1',
    decimals: 3,
    obis: '1-0:73.7.0',
    talq: 'phase3PowerFactor',
    fiware: 'powerFactorT',
  },
  {
    id: 19,
    name: 'activePowerTotal',
    unit: 'W',
    decimals: 1,
    obis: '1-0:16.7.0',
    talq: 'totalPower',
    fiware: 'totalActivePower',
  },
  {
    id: 20,
    name: 'activeEnergyImportTotal',
    unit: 'Wh',
    decimals: 0,
    obis: '1-0:1.8.0',
    talq: 'totalActiveEnergy',
    fiware: 'energyConsumed',
  },
  { id: 21, name: 'frequency', unit: 'Hz', decimals: 3, obis: '1-0:14.7.0', talq: 'frequency' },
  { id: 22, name: 'reactivePowerTotal', unit: 'var', decimals: 1, obis: '1-0:3.7.0', talq: 'totalVAR' },
  { id: 23, name: 'apparentPowerTotal', unit: 'VA', decimals: 1, obis: '1-0:9.7.0', talq: 'totalVA' },
  { id: 24, name: 'powerFactorTotal', unit: '1', decimals: 3, obis: '1-0:13.7.0', talq: 'totalPowerFactor' },
  { id: 25, name: 'activeEnergyExportTotal', unit: 'Wh', decimals: 0, obis: '1-0:2.8.0' },
  {
    id: 26,
    name: 'reactiveEnergyImportTotal',
    unit: 'varh',
    decimals: 0,
    obis: '1-0:3.8.0',
    talq: 'totalReactiveEnergy',
    fiware: 'reactiveEnergyConsumed',
  },
  { id: 27, name: 'reactiveEnergyExportTotal', unit: 'varh', decimals: 0, obis: '1-0:4.8.0' },
  { id: 28, name: 'apparentEnergyTotal', unit: 'VAh', decimals: 0, obis: '1-0:9.8.0', talq: 'totalApparentEnergy' },
  { id: 29, name: 'voltageL12', unit: 'V', decimals: 2 },
  { id: 30, name: 'voltageL23', unit: 'V', decimals: 2 },
  { id: 31, name: 'voltageL31', unit: 'V', decimals: 2 },
  { id: 32, name: 'voltageAvg', unit: 'V', decimals: 2 },
  { id: 33, name: 'currentAvg', unit: 'A', decimals: 3 },
  { id: 34, name: 'currentNeutral', unit: 'A', decimals: 3, obis: '1-0:91.7.0', talq: 'neutralCurrent' },
  { id: 35, name: 'thdVoltageL1', unit: '%', decimals: 2, talq: 'phase1VoltageTHD', fiware: 'thdrVoltageR' },
  { id: 36, name: 'thdVoltageL2', unit: '%', decimals: 2, talq: 'phase2VoltageTHD', fiware: 'thdrVoltageS' },
  { id: 37, name: 'thdVoltageL3', unit: '%', decimals: 2, talq: 'phase3VoltageTHD', fiware: 'thdrVoltageT' },
  { id: 38, name: 'thdCurrentL1', unit: '%', decimals: 2, talq: 'phase1CurrentTHD', fiware: 'thdrIntensityR' },
  { id: 39, name: 'thdCurrentL2', unit: '%', decimals: 2, talq: 'phase2CurrentTHD', fiware: 'thdrIntensityS' },
  { id: 40, name: 'thdCurrentL3', unit: '%', decimals: 2, talq: 'phase3CurrentTHD', fiware: 'thdrIntensityT' },
  { id: 41, name: 'reactivePowerInductiveL1', unit: 'var', decimals: 1 },
  { id: 42, name: 'reactivePowerInductiveL2', unit: 'var', decimals: 1 },
  { id: 43, name: 'reactivePowerInductiveL3', unit: 'var', decimals: 1 },
  { id: 44, name: 'reactivePowerInductiveTotal', unit: 'var', decimals: 1 },
  { id: 45, name: 'reactivePowerCapacitiveL1', unit: 'var', decimals: 1 },
  { id: 46, name: 'reactivePowerCapacitiveL2', unit: 'var', decimals: 1 },
  { id: 47, name: 'reactivePowerCapacitiveL3', unit: 'var', decimals: 1 },
  { id: 48, name: 'reactivePowerCapacitiveTotal', unit: 'var', decimals: 1 },
  { id: 49, name: 'cosPhiL1', unit: '1', decimals: 3 },
  { id: 50, name: 'cosPhiL2', unit: '1', decimals: 3 },
  { id: 51, name: 'cosPhiL3', unit: '1', decimals: 3 },
  { id: 52, name: 'cosPhiTotal', unit: '1', decimals: 3 },
  { id: 53, name: 'powerFactor4qL1', unit: '1', decimals: 3 },
  { id: 54, name: 'powerFactor4qL2', unit: '1', decimals: 3 },
  { id: 55, name: 'powerFactor4qL3', unit: '1', decimals: 3 },
  { id: 56, name: 'powerFactor4qTotal', unit: '1', decimals: 3 },
  { id: 57, name: 'activeEnergyImportL1', unit: 'Wh', decimals: 0, obis: '1-0:21.8.0', talq: 'phase1ActiveEnergy' },
  { id: 58, name: 'activeEnergyImportL2', unit: 'Wh', decimals: 0, obis: '1-0:41.8.0', talq: 'phase2ActiveEnergy' },
  { id: 59, name: 'activeEnergyImportL3', unit: 'Wh', decimals: 0, obis: '1-0:61.8.0', talq: 'phase3ActiveEnergy' },
  { id: 60, name: 'activeEnergyExportL1', unit: 'Wh', decimals: 0, obis: '1-0:22.8.0' },
  { id: 61, name: 'activeEnergyExportL2', unit: 'Wh', decimals: 0, obis: '1-0:42.8.0' },
  { id: 62, name: 'activeEnergyExportL3', unit: 'Wh', decimals: 0, obis: '1-0:62.8.0' },
  { id: 63, name: 'activeEnergySumTotal', unit: 'Wh', decimals: 0, obis: '1-0:15.8.0' },
  { id: 64, name: 'activeEnergyNetTotal', unit: 'Wh', decimals: 0, obis: '1-0:16.8.0' },
  { id: 65, name: 'reactiveEnergySumTotal', unit: 'varh', decimals: 0 },
  { id: 66, name: 'reactiveEnergyTotal', unit: 'varh', decimals: 0 },
  { id: 67, name: 'reactiveEnergyInductiveTotal', unit: 'varh', decimals: 0 },
  { id: 68, name: 'reactiveEnergyCapacitiveTotal', unit: 'varh', decimals: 0 },
  { id: 69, name: 'activeEnergyImportTariff1', unit: 'Wh', decimals: 0, obis: '1-0:1.8.1' },
  { id: 70, name: 'activeEnergyImportTariff2', unit: 'Wh', decimals: 0, obis: '1-0:1.8.2' },
  { id: 71, name: 'activeEnergyExportTariff1', unit: 'Wh', decimals: 0, obis: '1-0:2.8.1' },
  { id: 72, name: 'activeEnergyExportTariff2', unit: 'Wh', decimals: 0, obis: '1-0:2.8.2' },
  { id: 73, name: 'reactiveEnergyImportTariff1', unit: 'varh', decimals: 0, obis: '1-0:3.8.1' },
  { id: 74, name: 'reactiveEnergyExportTariff1', unit: 'varh', decimals: 0, obis: '1-0:4.8.1' },
  { id: 75, name: 'apparentEnergyTariff1', unit: 'VAh', decimals: 0, obis: '1-0:9.8.1' },
  { id: 76, name: 'activeEnergyImportPartialTotal', unit: 'Wh', decimals: 0 },
  { id: 77, name: 'activeEnergyExportPartialTotal', unit: 'Wh', decimals: 0 },
  { id: 78, name: 'reactiveEnergyImportPartialTotal', unit: 'varh', decimals: 0 },
  { id: 79, name: 'apparentEnergyPartialTotal', unit: 'VAh', decimals: 0 },
  { id: 80, name: 'phaseSequence', unit: '1', decimals: 0 },
  { id: 81, name: 'temperature', unit: 'degC', decimals: 1 },
] as const satisfies readonly Quantity[];

/** Name of a quantity of the registry. */
export type QuantityName = (typeof QUANTITIES)[number]['name'];

const BY_ID: ReadonlyMap<number, Quantity> = new Map(QUANTITIES.map((quantity) => [quantity.id, quantity]));
const BY_NAME: ReadonlyMap<string, Quantity> = new Map(QUANTITIES.map((quantity) => [quantity.name, quantity]));

/** The quantity with this id; undefined when this version does not know it. */
export function quantityById(id: number): Quantity | undefined {
  return BY_ID.get(id);
}

/** The quantity with this camelCase name; undefined when there is none. */
export function quantityByName(name: string): Quantity | undefined {
  return BY_NAME.get(name);
}

/** Whether the quantity is a counter that only rises, such as energy. Net energy may fall. */
export function isCounter(quantity: Quantity): boolean {
  return /^(Wh|varh|VAh)$/.test(quantity.unit) && quantity.name !== 'activeEnergyNetTotal';
}

/** Fractions of one to three digits as they are written, by their number of digits: most values have such a one. */
const FRACTIONS: readonly (readonly string[])[] = [0, 1, 2, 3].map((decimals) =>
  decimals === 0 ? [] : Array.from({ length: 10 ** decimals }, (_, fraction) => `.${String(fraction).padStart(decimals, '0')}`),
);

/**
 * Writes an integer value in its unit, exactly: `formatValue(-1234, 2)` is `-12.34`.
 * @param decimals 0 to 9
 */
export function formatValue(value: number | bigint, decimals: number): string {
  if (decimals === 0) return value.toString();
  const fractions = FRACTIONS[decimals];
  if (fractions && typeof value === 'number' && value >= 0) {
    const fraction = value % fractions.length;
    return `${(value - fraction) / fractions.length}${fractions[fraction]}`;
  }
  const negative = value < 0;
  const digits = (negative ? -value : value).toString().padStart(decimals + 1, '0');
  const cut = digits.length - decimals;
  return `${negative ? '-' : ''}${digits.slice(0, cut)}.${digits.slice(cut)}`;
}
