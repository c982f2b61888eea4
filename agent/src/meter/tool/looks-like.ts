/** What a number may be, by its size alone. */
export interface Likely {
  readonly what: 'voltage' | 'voltage between phases' | 'frequency' | 'power factor' | 'counter';
  /** Value in V, Hz or 1 = number * scale; 1 for a counter, of which nothing is known. */
  readonly scale: number;
}

/** 230 V and 400 V within 10 % (EN 50160, section 4.2.2). */
const BANDS = [
  { what: 'voltage', from: 207, to: 253 },
  { what: 'voltage between phases', from: 360, to: 440 },
] as const;
/** 50 Hz and 60 Hz within 1 % (EN 50160, section 4.2.1). */
const FREQUENCIES = [
  { from: 49.5, to: 50.5 },
  { from: 59.4, to: 60.6 },
];
const WHOLE_SCALES = [1, 0.1, 0.01, 0.001];
const LEAST_POWER_FACTOR = 0.2;
/** A counter in several registers needs more than one of them, and has not run for a thousand years. */
const COUNTER = { from: 0x1_0000, to: 2 ** 30 };

/** A number that was found in registers. */
export interface FoundNumber {
  readonly value: number;
  readonly isFloat: boolean;
  /** Registers that it takes. */
  readonly registers: number;
}

/**
 * What a number looks like; several where that is not clear. A whole number stands for tenths to thousandths as well; that 50 alone is
 * a frequency is not believed.
 */
export function looksLike({ value, isFloat, registers }: FoundNumber): Likely[] {
  const found: Likely[] = [];
  for (const scale of isFloat ? [1] : WHOLE_SCALES) {
    const scaled = value * scale;
    const band = BANDS.find(({ from, to }) => scaled >= from && scaled <= to);
    if (band) found.push({ what: band.what, scale });
    const isFrequency = FREQUENCIES.some(({ from, to }) => scaled >= from && scaled <= to);
    if (isFrequency && (isFloat || scale < 1)) found.push({ what: 'frequency', scale });
  }
  if (isFloat && value >= LEAST_POWER_FACTOR && value <= 1) found.push({ what: 'power factor', scale: 1 });
  if (!isFloat && registers > 1 && value >= COUNTER.from && value < COUNTER.to) found.push({ what: 'counter', scale: 1 });
  return found;
}
