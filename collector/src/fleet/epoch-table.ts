import { type AnalyserRow, decodeEntry, type StartEntry } from '@farola/shared';
import type { Span } from '../ledger/spans.js';
import type { EpochStart, EpochTable, Successor, TableFact } from './derived-state.js';

/** What a start entry tells of its epoch; undefined when the bytes are none. */
export function epochStart({ entry: bytes, atMs }: Pick<TableFact, 'entry' | 'atMs'>): EpochStart | undefined {
  const entry = decodeEntry(bytes);
  return entry.kind === 'start' ? { boot: entry.boot, previous: entry.previous, atMs } : undefined;
}

/** The epoch of a start entry, as one that follows the epoch that it names. */
export function successorOf({ epoch, previous, atMs }: Pick<TableFact, 'epoch' | 'previous' | 'atMs'>): Successor {
  return { epoch, afterN: previous?.n ?? 0, atMs };
}

/** The facts of a chain that lie in these spans. */
export function within(facts: readonly TableFact[], spans: readonly Span[]): TableFact[] {
  return facts.filter(({ n }) => spans.some(({ from, to }) => from <= n && n <= to));
}

/** The table of an epoch from its start and table entries, in any order; undefined when there are none. */
export function epochTable(facts: readonly TableFact[]): EpochTable | undefined {
  const [one] = facts;
  if (!one) return undefined;
  let start: StartEntry | undefined;
  const analysers = new Map<number, AnalyserRow>();
  const retired = new Set<number>();
  for (const { entry: bytes } of facts) {
    const entry = decodeEntry(bytes);
    if (entry.kind !== 'start' && entry.kind !== 'table') continue;
    if (entry.kind === 'start') start = entry;
    else for (const index of entry.retired) retired.add(index);
    for (const row of entry.analysers) analysers.set(row.index, row);
  }
  return {
    lcuNo: one.lcuNo,
    epoch: one.epoch,
    boot: start?.boot,
    agentVersion: start?.agentVersion,
    analysers: [...analysers.values()].sort((a, b) => a.index - b.index),
    retired: [...retired].sort((a, b) => a - b),
  };
}
