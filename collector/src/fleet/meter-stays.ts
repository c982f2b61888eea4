import { type AnalyserRow, decodeEntry, toHex } from '@farola/shared';
import type { MeterStay, TableFact } from './derived-state.js';

/** A start or table entry and the panel that its LCU was in. */
export interface TableSighting extends TableFact {
  readonly panel: string;
}

/**
 * The stays of meters at measuring points, by point, oldest first. A stay begins with the first table that names an
 * analyser in a panel; it ends when another serial number, profile, origin of it or LCU is named for the point, or when its LCU names
 * the analyser in no row any more: rows of one id, which are scan groups, are of one meter. The order in which the tables were received
 * does not matter.
 */
export function meterStays(sightings: readonly TableSighting[]): MeterStay[] {
  const stays: MeterStay[] = [];
  const open = new Map<string, MeterStay>();
  const end = (stay: MeterStay, toMs: number): void => {
    stays.push({ ...stay, toMs });
    open.delete(stay.point);
  };
  const read = new Map<string, Map<number, string>>();
  for (const sighting of [...sightings].sort(byTime)) {
    const { lcuNo, panel, atMs } = sighting;
    const { seen, gone } = changesOf(sighting, read);
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
  /** One row of each id, the first. */
  readonly seen: readonly AnalyserRow[];
  readonly gone: (stay: MeterStay) => boolean;
}

/** @param read ids of the indexes that each epoch reads, changed as tables name and retire them */
function changesOf({ lcuNo, epoch, entry: bytes }: TableSighting, read: Map<string, Map<number, string>>): Changes {
  const entry = decodeEntry(bytes);
  if (entry.kind !== 'start' && entry.kind !== 'table') return { seen: [], gone: () => false };
  const name = `${lcuNo} ${toHex(epoch)}`;
  const rows = read.get(name) ?? new Map<number, string>();
  read.set(name, rows);
  const retired = entry.kind === 'start' ? [] : entry.retired.map((index) => rows.get(index));
  if (entry.kind === 'table') for (const index of entry.retired) rows.delete(index);
  for (const { index, id } of entry.analysers) rows.set(index, id);
  const ids = new Set(rows.values());
  const seen = entry.analysers.filter(({ id }, i) => entry.analysers.findIndex((one) => one.id === id) === i);
  if (entry.kind === 'start') return { seen, gone: ({ analyserId }) => !ids.has(analyserId) };
  return { seen, gone: ({ analyserId }) => retired.includes(analyserId) && !ids.has(analyserId) };
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
