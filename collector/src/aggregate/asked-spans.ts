import { isFirstBranch } from '../branch-id.js';
import { panelAt } from '../api/panel-at.js';
import type { TableFact } from '../fleet/derived-state.js';
import { epochTable } from '../fleet/epoch-table.js';
import type { LcuFrame } from './aggregate-store.js';
import type { Interval } from './intervals.js';

/** What is known of an LCU that ever measured at a point. */
export interface LcuOfPoint {
  readonly stays: LcuFrame['stays'];
  /** Start and table entries of its epochs. */
  readonly facts: readonly Pick<TableFact, 'lcuNo' | 'epoch' | 'n' | 'atMs' | 'entry' | 'previous'>[];
}

/** From when on a table names an analyser, or does not. */
interface Naming {
  readonly atMs: number;
  readonly isNamed: boolean;
}

/**
 * When no LCU is to measure at a point: none that is in its panel has a table that names its analyser. Begins with the first moment at
 * which an LCU is known to stop; before that, as while a table is not here, it is taken to be asked.
 */
export function spansNotAsked(lcus: readonly LcuOfPoint[], point: string): Interval[] {
  const [panel, analyserId] = [point.slice(0, point.lastIndexOf('/')), point.slice(point.lastIndexOf('/') + 1)];
  const known = lcus.map(({ stays, facts }) => ({ stays, namings: namingsOf(facts, analyserId) }));
  const moments = known.flatMap(({ stays, namings }) => [
    ...namings.map(({ atMs }) => atMs),
    ...stays.flatMap(({ fromMs, toMs }) => (toMs === null ? [fromMs] : [fromMs, toMs])),
  ]);
  const spans: { fromMs: number; toMs: number }[] = [];
  let wasAsked = false;
  for (const ms of [...new Set(moments)].sort((a, b) => a - b)) {
    const isAsked = known.some(({ stays, namings }) => isIn(stays, panel, ms) && isNamedAt(namings, ms));
    const open = spans.at(-1);
    if (isAsked && open?.toMs === Infinity) open.toMs = ms;
    if (!isAsked && wasAsked) spans.push({ fromMs: ms, toMs: Infinity });
    wasAsked = isAsked;
  }
  return spans;
}

function namingsOf(facts: LcuOfPoint['facts'], analyserId: string): Naming[] {
  const epochs = new Map<string, TableFact[]>();
  for (const fact of facts) {
    if (!isFirstBranch(fact.epoch)) continue;
    const name = fact.epoch.join();
    epochs.set(name, [...(epochs.get(name) ?? []), fact]);
  }
  const namings = [...epochs.values()].flatMap((of) => {
    const inOrder = of.sort((a, b) => a.n - b.n);
    if (inOrder[0]?.n !== 1) return [];
    return inOrder.map(({ atMs }, i) => ({ atMs, isNamed: names(inOrder.slice(0, i + 1), analyserId) }));
  });
  return namings.sort((a, b) => a.atMs - b.atMs);
}

function names(facts: readonly TableFact[], analyserId: string): boolean {
  const table = epochTable(facts);
  return table?.analysers.some(({ id, index }) => id === analyserId && !table.retired.includes(index)) ?? false;
}

/** Before the first table nothing says that it does not. */
function isNamedAt(namings: readonly Naming[], ms: number): boolean {
  return namings.findLast(({ atMs }) => atMs <= ms)?.isNamed ?? true;
}

function isIn(stays: LcuFrame['stays'], panel: string, ms: number): boolean {
  const end = stays.at(-1)?.toMs ?? Infinity;
  return panelAt(stays, ms) === panel && ms < end;
}
