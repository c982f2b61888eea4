import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { makeImage, mountImage, mountMemory, runAsRoot, unmount } from './mounts.js';
import { temporaryFolder } from './temporary-folder.js';

/** A small file system that is unmounted when the test ends. */
export interface TinyDisk {
  readonly folder: string;
  makeReadOnly(): void;
  /** Takes all the room that is left, but for so many bytes. */
  fill(butBytes?: number): void;
  /** Gives that room back. */
  free(): void;
  /** Room that is left, bytes. */
  left(): number;
}

/** Mounts one of this size in memory, over a folder or on one of its own. For tests declared by `tinyDiskTest`. */
export function tinyDisk(t: ExecutionContext, kilobytes: number, at?: string): TinyDisk {
  return mounted(t, at, (folder) => mountMemory(kilobytes, folder));
}

/**
 * An ext4 of its own that can break as one does whose SD card fails: from then on it is read-only, also for files that are
 * open. `mount -o remount,ro` does not do that: the kernel refuses it while anything is open for writing.
 */
export interface BreakingDisk extends TinyDisk {
  break(): void;
  /** Mounts it again, as after a restart. Nothing may be open on it. */
  mend(): void;
  /** Takes it out of the tree; files that are open stay open, and keep the device busy. */
  unplug(): void;
  /** Whether nothing holds the device any more. */
  isFree(): boolean;
  /** Mounts it where it was. */
  plug(): void;
}

/** Mounts an ext4 of this size from a file, over a folder or on one of its own. For tests declared by `breakingDiskTest`. */
export function breakingDisk(t: ExecutionContext, megabytes: number, at?: string): BreakingDisk {
  const image = join(temporaryFolder(t), 'image');
  makeImage(image, megabytes);
  const disk = mounted(t, at, (folder) => mountImage(image, folder));
  return {
    ...disk,
    break: () => void runAsRoot('mount', '-o', 'remount,abort', disk.folder),
    mend() {
      runAsRoot('umount', disk.folder);
      mountImage(image, disk.folder);
    },
    unplug: () => unmount(disk.folder),
    isFree: () => runAsRoot('losetup', '--associated', image).trim() === '',
    plug: () => mountImage(image, disk.folder),
  };
}

function mounted(t: ExecutionContext, at: string | undefined, mount: (folder: string) => void): TinyDisk {
  const folder = at ?? join(temporaryFolder(t), 'disk');
  mkdirSync(folder, { recursive: true });
  mount(folder);
  t.teardown(() => unmount(folder));
  const ballast = join(folder, 'ballast');
  const left = (): number => statfsSync(folder).bavail * statfsSync(folder).bsize;
  return {
    folder,
    left,
    makeReadOnly: () => void runAsRoot('mount', '-o', 'remount,ro', folder),
    fill: (butBytes = 0) => fillWith(ballast, left, butBytes),
    free: () => rmSync(ballast),
  };
}

function fillWith(path: string, left: () => number, butBytes: number): void {
  const file = openSync(path, 'a');
  try {
    for (let bytes = left() - butBytes; bytes > 0; bytes = left() - butBytes)
      writeSync(file, Buffer.alloc(Math.min(bytes, 65_536)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
}
