import type { Measures } from './measures.js';
import { idOf, type PHASES } from './quantity-ids.js';

/** Reactive power of a phase or of all, as a profile has it: one signed number, or what is inductive and what is capacitive. */
export interface ReactivePower {
  readonly ids: readonly number[];
  /** Inductive above zero, var. */
  readonly signed: (measures: Measures) => number;
  /** Without sign, and without taking one kind from the other, var. */
  readonly size: (measures: Measures) => number;
  /** Of the resolutions, var. */
  readonly step: (measures: Measures) => number;
}

/** How a profile has it; undefined when it does not. */
export function reactivePowerOf(
  where: (typeof PHASES)[number] | 'Total',
  has: (id: number) => boolean,
): ReactivePower | undefined {
  const id = idOf(`reactivePower${where}`);
  if (has(id)) {
    const signed = (measures: Measures): number => measures.value(id);
    return { ids: [id], signed, size: (measures) => Math.abs(signed(measures)), step: (measures) => measures.step(id) };
  }
  const inductive = idOf(`reactivePowerInductive${where}`);
  const capacitive = idOf(`reactivePowerCapacitive${where}`);
  if (!has(inductive) || !has(capacitive)) return undefined;
  const sizeOf = (measures: Measures, of: number): number => Math.abs(measures.value(of));
  return {
    ids: [inductive, capacitive],
    signed: (measures) => sizeOf(measures, inductive) - sizeOf(measures, capacitive),
    size: (measures) => sizeOf(measures, inductive) + sizeOf(measures, capacitive),
    step: (measures) => measures.step(inductive) + measures.step(capacitive),
  };
}
