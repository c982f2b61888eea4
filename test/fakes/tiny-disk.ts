import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
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

/** Mounts one of this size in memory, over a folder or on one of its own; undefined, and a line in the log, where this process may not mount. */
export function tinyDisk(t: ExecutionContext, kilobytes: number, at?: string): TinyDisk | undefined {
  return mounted(t, at, (folder) => run('mount', '-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder));
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

/** Mounts an ext4 of this size from a file, over a folder or on one of its own; undefined, and a line in the log, where this process may not mount. */
export function breakingDisk(t: ExecutionContext, megabytes: number, at?: string): BreakingDisk | undefined {
  const image = join(temporaryFolder(t), 'image');
  const mount = (folder: string): void => run('mount', '-o', 'loop,errors=remount-ro', image, folder);
  const disk = mounted(t, at, (folder) => {
    run('truncate', '-s', `${megabytes}M`, image);
    run('mkfs.ext4', '-q', '-m', '0', image);
    mount(folder);
  });
  return (
    disk && {
      ...disk,
      break: () => run('mount', '-o', 'remount,abort', disk.folder),
      mend() {
        run('umount', disk.folder);
        mount(disk.folder);
      },
      unplug: () => run('umount', '--lazy', disk.folder),
      isFree: () => execFileSync('losetup', ['--associated', image], { encoding: 'utf8' }).trim() === '',
      plug: () => mount(disk.folder),
    }
  );
}

function mounted(t: ExecutionContext, at: string | undefined, mount: (folder: string) => void): TinyDisk | undefined {
  const folder = at ?? join(temporaryFolder(t), 'disk');
  mkdirSync(folder, { recursive: true });
  try {
    mount(folder);
  } catch (error) {
    t.log(`cannot mount a small disk here: ${(error as Error).message.trim()}`);
    return undefined;
  }
  t.teardown(() => run('umount', '--lazy', folder));
  const ballast = join(folder, 'ballast');
  const left = (): number => statfsSync(folder).bavail * statfsSync(folder).bsize;
  return {
    folder,
    left,
    makeReadOnly: () => run('mount', '-o', 'remount,ro', folder),
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

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { stdio: 'pipe' });
}
