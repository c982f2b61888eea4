import { type Clock, FarolaError, HEALTH } from '@farola/shared';
import type { Journal } from '../journal/journal.js';
import { linuxStorage } from './linux-storage.js';

/** Gives the health that each answer carries, by the keys of HEALTH; what cannot be told now is left out. */
export function healthOf(stateDir: string, journal: Pick<Journal, 'size'>, clock: Clock): () => ReadonlyMap<number, number> {
  const startedMs = clock.now().monoMs;
  return () =>
    new Map([
      ...journalPart(journal),
      ...storagePart(stateDir),
      [HEALTH.uptimeS, Math.floor((clock.now().monoMs - startedMs) / 1_000)],
    ]);
}

function journalPart(journal: Pick<Journal, 'size'>): [number, number][] {
  try {
    const { backlog, bytes } = journal.size();
    return [
      [HEALTH.backlog, backlog],
      [HEALTH.journalBytes, bytes],
    ];
  } catch (error) {
    // The journal tells of its failures where entries are read and written.
    if (error instanceof FarolaError) return [];
    throw error;
  }
}

function storagePart(path: string): [number, number][] {
  const { freeBytes, readOnly, lifePercent, fileSystemErrors } = linuxStorage(path);
  const all: [number, number | undefined][] = [
    [HEALTH.diskFreeBytes, freeBytes],
    [HEALTH.storageLifePercent, lifePercent],
    [HEALTH.readOnly, readOnly === undefined ? undefined : Number(readOnly)],
    [HEALTH.fileSystemErrors, fileSystemErrors],
  ];
  return all.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as [number, number]]));
}
