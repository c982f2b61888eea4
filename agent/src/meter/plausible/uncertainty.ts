import type { Measures } from './measures.js';

/**
 * How far a measured value may be off, as a share of it: IEC 62053-21 allows meters of class 1 as much at small loads
 * and at a power factor of 0.5; the analysers of the profiles are of class 1 or better in V, A, W and VA.
 */
export const CLASS = 0.015;

/** How far the value of a quantity may be off, in its unit: its resolution, and what its class allows. */
export function offBy(measures: Measures, id: number): number {
  return measures.step(id) + CLASS * Math.abs(measures.value(id));
}

/** V times A, and how far that may be off. */
export interface Product {
  readonly va: number;
  readonly offBy: number;
}

/** Apparent power of a phase from its voltage and current; NaN when one of them is not known. */
export function voltAmperes(measures: Measures, voltage: number, current: number): Product {
  const volts = measures.value(voltage);
  const amperes = measures.value(current);
  return { va: volts * amperes, offBy: volts * offBy(measures, current) + amperes * offBy(measures, voltage) };
}
