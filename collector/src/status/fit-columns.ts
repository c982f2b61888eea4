import { type Column, printable } from '@farola/shared';

/** A column of the status with its cells, and how soon it gives way. */
export interface FittedColumn extends Column {
  /** Those with the highest go first where a terminal is too narrow for all; 0 stays. */
  readonly givesWay: number;
  /** Its cells may be cut down to so many characters. */
  readonly cutTo?: number;
  /** One for each row. */
  readonly cells: readonly string[];
}

/** Blanks between two columns. */
const BETWEEN = 2;

/** Leaves out columns until the rest has room, and cuts the cells of those that may be cut. @param width undefined: all of all */
export function fitColumns(columns: readonly FittedColumn[], width: number | undefined): readonly FittedColumn[] {
  if (width === undefined) return columns;
  let kept = columns;
  const used = (): number => kept.reduce((sum, column) => sum + neededBy(column) + BETWEEN, -BETWEEN);
  for (const giving of columns.filter(({ givesWay }) => givesWay > 0).sort((a, b) => b.givesWay - a.givesWay)) {
    if (used() > width) kept = kept.filter((column) => column !== giving);
  }
  const spare = Math.max(0, width - used());
  return kept.map((column) => {
    const { cutTo, cells } = column;
    return cutTo === undefined ? column : { ...column, cells: cells.map((cell) => cut(cell, cutTo + spare)) };
  });
}

/** Characters that a column takes at least. */
function neededBy({ title, cells, cutTo = Infinity }: FittedColumn): number {
  const widest = cells.reduce((most, cell) => Math.max(most, printable(cell).length), title.length);
  return Math.min(widest, cutTo);
}

function cut(cell: string, most: number): string {
  return cell.length <= most ? cell : `${cell.slice(0, most - 3)}...`;
}
