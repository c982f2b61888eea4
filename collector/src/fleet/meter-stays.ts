import { type AnalyserRow, decodeEntry, toHex } from '@farola/shared';
import type { MeterStay, TableFact } from './derived-state.js';

/** A start or table entry and the panel that its LCU was in. */
export interface TableSighting extends TableFact {
  readonly panel: string;
}

/**
 * The stays of meters at measuring points, by point, oldest first. A stay begins with the first table that names an
 * analyser in a panel; it ends when another serial number, profile, origin of it or LCU is named for the point, or when its LCU names
 * the analyser no more. The order in which the tables were received does not matter.
 */
export function meterStays(sightings: readonly TableSighting[]): MeterStay[] {
  const stays: MeterStay[] = [];
  const open = new Map<string, MeterStay>();
  const end = (stay: MeterStay, toMs: number): void => {
    stays.push({ ...stay, toMs });
    open.delete(stay.point);
  };
  const names = new Map<string, string>();
  for (const sighting of [...sightings].sort(byTime)) {
    const { lcuNo, panel, atMs } = sighting;
    const { seen, gone } = changesOf(sighting, names);
    for (const stay of [...open.values()]) {
      if (stay.lcuNo === lcuNo && gone(stay)) end(stay, atMs);
    }
    for (const { id, profileId, profileOrigin, serialNumber } of seen) {
      const point = `${panel}/${id}`;
      const stay = open.get(point);
      const meter = { profileId, profileOrigin, serialNumber };
      const next: MeterStay = { point, lcuNo, analyserId: id, ...meter, fromMs: atMs, toMs: null };
      if (stay && sameMeter(stay, next)) continue;
      if (stay) end(stay, atMs);
      open.set(point, next);
    }
  }
  return [...stays, ...open.values()].sort((a, b) => compare(a.point, b.point) || a.fromMs - b.fromMs);
}

interface Changes {
  readonly seen: readonly AnalyserRow[];
  readonly gone: (stay: MeterStay) => boolean;
}

/** @param names id of each index of each epoch, added to as tables name them */
function changesOf({ lcuNo, epoch, entry: bytes }: TableSighting, names: Map<string, string>): Changes {
  const entry = decodeEntry(bytes);
  if (entry.kind !== 'start' && entry.kind !== 'table') return { seen: [], gone: () => false };
  const name = (index: number): string => `${lcuNo} ${toHex(epoch)} ${index}`;
  const seen = entry.analysers;
  const ids = new Set(seen.map(({ id }) => id));
  for (const { index, id } of seen) names.set(name(index), id);
  if (entry.kind === 'start') return { seen, gone: ({ analyserId }) => !ids.has(analyserId) };
  const retired = new Set(entry.retired.map((index) => names.get(name(index))));
  return { seen, gone: ({ analyserId }) => retired.has(analyserId) && !ids.has(analyserId) };
}

function sameMeter(a: MeterStay, b: MeterStay): boolean {
  const sameProfile = a.profileId === b.profileId && a.profileOrigin === b.profileOrigin;
  return a.lcuNo === b.lcuNo && sameProfile && a.serialNumber === b.serialNumber;
}

function byTime(a: TableSighting, b: TableSighting): number {
  return a.atMs - b.atMs || a.lcuNo - b.lcuNo || a.n - b.n;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
