import { statfsSync } from 'node:fs';
import type { LookAtDisk } from './disk-room.js';

/** Looks at the disk that a folder is on. */
export function fsDiskRoom(folder: string): LookAtDisk {
  return () => {
    try {
      const { bavail, blocks, bsize } = statfsSync(folder);
      return { free: bavail * bsize, total: blocks * bsize };
    } catch {
      // Whoever writes there is told.
      return undefined;
    }
  };
}
