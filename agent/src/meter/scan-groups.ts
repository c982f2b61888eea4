/** Rows of a profile that are read together, at one period. */
export interface ScanGroup {
  /** From sample to sample, a divisor of 3600. */
  readonly seconds: number;
  /** Places of the rows in the profile, ascending. */
  readonly rows: readonly number[];
}

/** What a configuration wishes: quantities by name, or by the begin of their names and `*`. */
export interface WishedGroup {
  readonly seconds: number;
  readonly quantities: readonly string[];
}

/**
 * The scan groups of an analyser: those that are wished, in their order, and behind them what none of them names, each
 * `sampleSeconds`. A quantity is in the first group that names it. A wished group that is left without any is empty here, and
 * refused where the configuration is checked.
 * @param quantities of the profile's rows, in their order
 */
export function scanGroups(
  quantities: readonly string[],
  wished: readonly WishedGroup[] | undefined,
  sampleSeconds: number,
): ScanGroup[] {
  const groups = wished ?? [];
  const groupOf = quantities.map((name) => groups.findIndex((group) => group.quantities.some((wish) => fits(wish, name))));
  const rowsOf = (group: number): number[] => [...groupOf.keys()].filter((row) => groupOf[row] === group);
  const rest = rowsOf(-1);
  return [
    ...groups.map(({ seconds }, group) => ({ seconds, rows: rowsOf(group) })),
    ...(rest.length > 0 ? [{ seconds: sampleSeconds, rows: rest }] : []),
  ];
}

/** Whether a name, or a begin of names with `*` behind it, means this quantity. */
export function fits(wish: string, name: string): boolean {
  return wish.endsWith('*') ? name.startsWith(wish.slice(0, -1)) : wish === name;
}
