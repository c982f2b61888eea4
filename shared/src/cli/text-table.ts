import { printable } from './printable.js';

/** One column of a table. */
export interface Column {
  readonly title: string;
  /** Numbers stand right, texts left. */
  readonly align?: 'left' | 'right';
}

/** A table as lines of text: titles, then the rows, each column as wide as its widest cell. */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const plain = rows.map((row) => row.map(printable));
  const widths = columns.map(({ title }, i) => plain.reduce((width, row) => Math.max(width, row[i]?.length ?? 0), title.length));
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, i) => {
        const cell = cells[i] ?? '';
        const width = widths[i] ?? 0;
        return align === 'right' ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...plain.map(line)];
}

/** A row of CSV (RFC 4180): the line end is left to the writer, cells are quoted where they must be. */
export function csvLine(cells: readonly string[]): string {
  return cells.map(printable).map(quoted).join(',');
}

function quoted(cell: string): string {
  return /[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
