import type { QuantitySeries } from '../aggregate/interval-series.js';
import type { ZoneClock } from '../aggregate/zone-clock.js';

/** Eighths of a line, from below. */
const BLOCKS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/** What stands where nothing is known. */
const NOTHING = '·';
const LINES = 8;
const LEAST_COLUMNS = 10;

/**
 * A chart of a series for a terminal: a column for each interval, its energy or its mean. Where there are more intervals
 * than columns, energies are summed and means averaged, and the last line says how many go together. Values are drawn,
 * not reckoned with.
 * @param width of the terminal, characters
 */
export function intervalChart(series: QuantitySeries, clock: ZoneClock, width: number): string[] {
  const { quantity, intervals } = series;
  const scale = 10 ** quantity.decimals;
  const values = valuesOf(series).map((value) => (value === null ? null : Number(value) / scale));
  const known = values.filter((value) => value !== null);
  const [first, last] = [intervals[0], intervals.at(-1)];
  if (!first || !last || known.length === 0) return [`${quantity.name}: no data`];
  const digits = Math.max(...[Math.max(...known), Math.min(0, ...known)].map((value) => shown(value).length));
  const perColumn = Math.ceil(values.length / Math.max(LEAST_COLUMNS, width - digits - 2));
  const columns = inColumns(values, perColumn, series.kind === 'energy');
  const drawn = columns.filter((value) => value !== null);
  const [high, low] = [Math.max(0, ...drawn), Math.min(0, ...drawn)];
  const labels = new Map([
    [0, shown(high)],
    [LINES - 1, shown(low)],
  ]);
  const pad = Math.max(...[...labels.values()].map((label) => label.length));
  const lines = Array.from({ length: LINES }, (_, line) => {
    const marks = columns.map((value) => mark(value, low, high, LINES - 1 - line)).join('');
    return `${(labels.get(line) ?? '').padStart(pad)} ${line === 0 || line === LINES - 1 ? '┤' : '│'}${marks}`.trimEnd();
  });
  const from = clock.write(first.fromMs);
  const to = clock.write(last.toMs);
  const ends = from + to.padStart(Math.max(to.length + 1, columns.length - from.length));
  const what = series.kind === 'energy' ? quantity.name : `${quantity.name}, mean`;
  const together = perColumn > 1 ? `, ${perColumn} intervals a column` : '';
  return [`${what} [${quantity.unit}]${together}`, ...lines, `${' '.repeat(pad + 2)}${ends}`];
}

function valuesOf(series: QuantitySeries): readonly (bigint | null)[] {
  if (series.kind === 'energy') return series.intervals.map(({ energy }) => energy);
  return series.intervals.map(({ mean }) => mean);
}

function inColumns(values: readonly (number | null)[], perColumn: number, summed: boolean): (number | null)[] {
  return Array.from({ length: Math.ceil(values.length / perColumn) }, (_, i) => {
    const known = values.slice(i * perColumn, (i + 1) * perColumn).filter((value) => value !== null);
    const sum = known.reduce((all, value) => all + value, 0);
    return known.length === 0 ? null : summed ? sum : sum / known.length;
  });
}

/** @param line counted from below */
function mark(value: number | null, low: number, high: number, line: number): string {
  if (value === null) return line === 0 ? NOTHING : ' ';
  const eighths = high === low ? 0 : Math.round(((value - low) / (high - low)) * LINES * 8);
  return BLOCKS[Math.min(8, Math.max(0, eighths - line * 8))] ?? ' ';
}

function shown(value: number): string {
  return String(Number(value.toPrecision(4)));
}
