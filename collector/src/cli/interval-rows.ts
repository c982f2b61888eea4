import { formatValue, type Quantity } from '@farola/shared';
import type { Completeness, QuantitySeries } from '../aggregate/interval-series.js';

/** One line of readings by interval, written in units. */
export interface IntervalRow {
  /** `gap`: what was counted while no sample was there at the end of an interval. */
  readonly row: 'interval' | 'gap' | 'sum';
  readonly quantity: string;
  readonly unit: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly energy: string | null;
  readonly min: string | null;
  readonly mean: string | null;
  readonly max: string | null;
  /** Samples that have the quantity; null for a gap. */
  readonly samples: number | null;
  /** Null for a gap; 0 where the period is longer than the interval, or the analyser is not asked for the quantity. */
  readonly expected: number | null;
  /** Percent with one digit, cut off; null where none is expected. */
  readonly completeness: string | null;
  /** Samples that a rule of plausibility marks; null for a gap. */
  readonly flagged: number | null;
  readonly marks: readonly string[];
}

/** The lines of a series: its intervals with the gaps where they begin, and the sum of an energy. */
export function intervalRows(series: QuantitySeries): IntervalRow[] {
  const { quantity } = series;
  const common = { quantity: quantity.name, unit: quantity.unit };
  const none = { energy: null, min: null, mean: null, max: null };
  if (series.kind === 'instants') {
    return series.intervals.map(({ fromMs, toMs, min, mean, max, ...of }) => {
      const values = { min: written(min, quantity), mean: written(mean, quantity), max: written(max, quantity) };
      const marks = of.count === 0 ? ['no-data'] : [];
      return { row: 'interval', ...common, fromMs, toMs, ...none, ...values, ...present(of), marks: running(marks, of) };
    });
  }
  const { intervals, gaps, sum } = series;
  const rows = [
    ...intervals.map(({ fromMs, toMs, energy, marks, ...of }): IntervalRow => {
      const values = { ...none, energy: written(energy, quantity) };
      return { row: 'interval', ...common, fromMs, toMs, ...values, ...present(of), marks: running(marks, of) };
    }),
    ...gaps.map(({ fromMs, toMs, energy, marks, beyond }): IntervalRow => {
      const values = {
        ...none,
        energy: written(energy, quantity),
        samples: null,
        expected: null,
        completeness: null,
        flagged: null,
      };
      return { row: 'gap', ...common, fromMs, toMs, ...values, marks: beyond ? [...marks, 'beyond-span'] : marks };
    }),
  ].sort((a, b) => a.fromMs - b.fromMs);
  const { fromMs, toMs, energy, marks } = sum;
  const values = { ...none, energy: written(energy, quantity) };
  return [...rows, { row: 'sum', ...common, fromMs, toMs, ...values, ...present(sum), marks: running(marks, sum) }];
}

/** Samples there of those expected, percent with one digit, cut off: 100 means that none is missing. Null: none is expected. */
export function percent(count: number, expected: number): string | null {
  if (expected === 0) return null;
  if (count >= expected) return '100.0';
  return formatValue(Math.floor((1000 * count) / expected), 1);
}

/** Samples of an interval or a sum. */
type Present = Pick<Completeness, 'expected'> & { readonly count: number; readonly flagged: number };

function present({ count, flagged, expected }: Present): Pick<IntervalRow, 'samples' | 'expected' | 'completeness' | 'flagged'> {
  return { samples: count, expected, completeness: percent(count, expected), flagged };
}

function running(marks: readonly string[], of: Completeness): readonly string[] {
  return of.running ? [...marks, 'running'] : marks;
}

function written(value: bigint | null, { decimals }: Quantity): string | null {
  return value === null ? null : formatValue(value, decimals);
}
