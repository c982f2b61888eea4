import { statfsSync } from 'node:fs';
import { type Clock, HEALTH } from '@farola/shared';
import type { Journal } from '../journal/journal.js';

/** Gives the health that each answer carries, by the keys of HEALTH. */
export function healthOf(stateDir: string, journal: Pick<Journal, 'size'>, clock: Clock): () => ReadonlyMap<number, number> {
  const startedMs = clock.now().monoMs;
  return () => {
    const { backlog, bytes } = journal.size();
    const { bavail, bsize } = statfsSync(stateDir);
    return new Map([
      [HEALTH.backlog, backlog],
      [HEALTH.journalBytes, bytes],
      [HEALTH.diskFreeBytes, bavail * bsize],
      [HEALTH.uptimeS, Math.floor((clock.now().monoMs - startedMs) / 1_000)],
    ]);
  };
}
