import { pause, systemTimers } from '@farola/shared';
import type { BreakingDisk } from './tiny-disk.js';

/** Waits until nothing holds a disk that was unplugged: the kernel lets go of it when the last file on it is closed. */
export async function untilFree(disk: BreakingDisk, tries = 100): Promise<void> {
  for (let tried = 0; !disk.isFree(); tried++) {
    if (tried > tries) throw new Error('somebody holds the disk');
    await pause(systemTimers, 100);
  }
}
