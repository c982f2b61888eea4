import { type AnalyserRow, quantityById } from '@farola/shared';

/** The quantities that an analyser is asked for in an epoch, with the seconds between their samples, by its rows. */
export type PointPlan = ReadonlyMap<number, number>;

/** From when on a quantity has a period. */
export interface PeriodSpell {
  /** Wall time, ms; 0 of the first in a quarter, which holds from its begin. */
  readonly fromMs: number;
  /** Seconds from sample to sample; null: the analyser is not asked for it. */
  readonly periodS: number | null;
}

/** The periods of one quantity in one quarter: one, but where the configuration changed in it. */
export interface QuantityPeriods {
  readonly quantity: number;
  /** In time, one at the least. */
  readonly spells: readonly PeriodSpell[];
}

/** What of a sample tells the periods. */
interface Told {
  readonly takenAtMs: number;
  readonly quantities: readonly number[];
  readonly periodS: number;
  readonly plan: PointPlan;
}

/** Spells that are kept of one quantity and quarter: an honest agent begins an epoch to change its periods. */
export const SPELLS_KEPT = 16;

/** The plan that the rows of an analyser are, of known quantities. @param rows of one id; of a quantity in several the last counts */
export function planOf(rows: readonly Pick<AnalyserRow, 'quantities' | 'periodS'>[]): PointPlan {
  return new Map(rows.flatMap(({ quantities, periodS }) => quantities.filter(isKnown).map((quantity) => [quantity, periodS])));
}

function isKnown(quantity: number): boolean {
  return quantityById(quantity) !== undefined;
}

/**
 * The periods of each quantity that the samples of a quarter name, or the tables of their epochs. A sample of its row tells the
 * period of a quantity from then on, the first one from the begin of the quarter on; the first sample of an epoch that does not name
 * it ends it; and of a quantity without a sample, since its period is long, the last table tells. By quantity, ascending.
 * @param inTime samples of one measuring point and quarter
 */
export function quarterPeriods(inTime: readonly Told[]): QuantityPeriods[] {
  const spells = new Map<number, PeriodSpell[]>();
  const [first] = inTime;
  let plan = first?.plan;
  for (const { takenAtMs, quantities, periodS, plan: present } of inTime) {
    if (present !== plan) {
      for (const [quantity, of] of spells) if (!present.has(quantity)) add(of, takenAtMs, null);
    }
    plan = present;
    for (const quantity of quantities) {
      if (!isKnown(quantity)) continue;
      const of = spells.get(quantity) ?? [{ fromMs: 0, periodS: first?.plan.has(quantity) ? periodS : null }];
      spells.set(quantity, of);
      add(of, takenAtMs, periodS);
    }
  }
  for (const [quantity, periodS] of plan ?? []) {
    if (!spells.has(quantity)) spells.set(quantity, [{ fromMs: 0, periodS }]);
  }
  return [...spells].map(([quantity, of]) => ({ quantity, spells: of })).sort((a, b) => a.quantity - b.quantity);
}

function add(spells: PeriodSpell[], fromMs: number, periodS: number | null): void {
  if (spells.at(-1)?.periodS !== periodS && spells.length < SPELLS_KEPT) spells.push({ fromMs, periodS });
}
