import type { SampleFlag } from '@farola/shared';
import type { Measures } from './measures.js';
import type { Supply } from './supply.js';

/** One comparison that a rule makes between values of one moment. */
export interface Check {
  readonly flag: SampleFlag;
  /** Quantities that are compared: all are marked when they do not agree, since nothing tells which of them is wrong. */
  readonly ids: readonly number[];
  /** Quantities that bound what is compared, and so must be of the same moment. */
  readonly beside?: readonly number[];
  /** Whether they agree; undefined when that cannot be told: a value is missing, or the load is small. Pure. */
  readonly agree: (measures: Measures) => boolean | undefined;
}

/** What the checks of an analyser are made from. */
export interface CheckTerms {
  /** Whether the profile has this quantity. */
  readonly has: (id: number) => boolean;
  readonly supply: Supply;
}

/** A rule: the checks that it makes of an analyser with these quantities. */
export type Rule = (terms: CheckTerms) => readonly Check[];

/** Whether a number lies between two others, or is off by no more than so much; undefined when one of them is not known. */
export function isWithin(number: number, from: number, to: number, offBy: number): boolean | undefined {
  if (Number.isNaN(number + from + to + offBy)) return undefined;
  return number >= from - offBy && number <= to + offBy;
}
