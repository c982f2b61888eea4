import { MOST_RUNS, type OffsetRun } from '@farola/shared';

/**
 * When values were asked for, as runs over all of them (docs/protocol.md, Entries). A value that no request gave has the instant of the
 * value before it, or of the one behind where there is none: it makes no run of its own. Of more runs than an entry may have, those
 * next to each other that differ least become one, at the earlier instant: then no value is older than its time says.
 * @param askedMs when the request that gave the value was sent, ms after the begin of the reading, by its place; undefined where none did
 * @returns empty when one request at the begin gave all, or none gave any
 */
export function offsetRuns(askedMs: readonly (number | undefined)[]): OffsetRun[] {
  const runs: { count: number; ms: number }[] = [];
  let ms = askedMs.find((one) => one !== undefined);
  if (ms === undefined) return [];
  for (const one of askedMs) {
    ms = one ?? ms;
    const last = runs.at(-1);
    if (last?.ms === ms) last.count++;
    else runs.push({ count: 1, ms });
  }
  while (runs.length > MOST_RUNS) joinNearest(runs);
  return runs.length === 1 && runs[0]?.ms === 0 ? [] : runs;
}

/** Joins two neighbours that differ least, and with them the next ones that then agree. */
function joinNearest(runs: { count: number; ms: number }[]): void {
  const apart = runs.slice(1).map(({ ms }, index) => Math.abs(ms - (runs[index]?.ms ?? 0)));
  const at = apart.indexOf(Math.min(...apart));
  const ms = Math.min(runs[at]?.ms ?? 0, runs[at + 1]?.ms ?? 0);
  let from = at;
  let to = at + 2;
  if (runs[from - 1]?.ms === ms) from--;
  if (runs[to]?.ms === ms) to++;
  const count = runs.slice(from, to).reduce((sum, run) => sum + run.count, 0);
  runs.splice(from, to - from, { count, ms });
}
