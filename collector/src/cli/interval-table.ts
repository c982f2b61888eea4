import { textTable } from '@farola/shared';
import type { ZoneClock } from '../aggregate/zone-clock.js';
import type { IntervalRow } from './interval-rows.js';
import { unitText } from './readings-printer.js';

/** Readings by interval as a table for people, with the columns that they need. @param rows each with its point and calendar */
export function intervalTable(rows: readonly (readonly [string, IntervalRow, ZoneClock])[]): string[] {
  if (rows.length === 0) return ['no readings'];
  const energies = rows.some(([, { energy, row }]) => energy !== null || row === 'sum') ? ['energy'] : [];
  const instants = rows.some(([, { mean }]) => mean !== null) ? ['min', 'mean', 'max'] : [];
  const values = [...energies, ...instants] as ('energy' | 'min' | 'mean' | 'max')[];
  const columns = [
    ...['point', 'from', 'to', 'quantity'].map((title) => ({ title })),
    ...values.map((title) => ({ title, align: 'right' as const })),
    { title: 'unit' },
    { title: 'complete', align: 'right' as const },
    { title: 'marks' },
  ];
  // One form in one table: seconds in all, where any has them.
  const seconds = rows.some(([, { fromMs, toMs }]) => fromMs % 60_000 !== 0 || toMs % 60_000 !== 0);
  const cells = rows.map(([point, row, clock]) => [
    ...[point, clock.write(row.fromMs, seconds), clock.write(row.toMs, seconds), row.quantity],
    ...values.map((name) => row[name] ?? '-'),
    unitText(row.unit),
    row.samples === null ? '' : row.completeness === null ? '?' : `${row.completeness} %`,
    [...(row.row === 'interval' ? [] : [row.row.toUpperCase()]), ...row.marks, ...flaggedText(row)].join(' '),
  ]);
  return textTable(columns, cells);
}

/** A count, and no mark of the interval: `flagged:3`. */
function flaggedText({ flagged }: IntervalRow): readonly string[] {
  return flagged === null || flagged === 0 ? [] : [`flagged:${flagged}`];
}
