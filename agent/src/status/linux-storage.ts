import { accessSync, constants, readdirSync, readFileSync, realpathSync, statfsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { errnoOf } from '@farola/shared';

/** How the storage under a folder is; undefined where this machine cannot tell. */
export interface Storage {
  /** Free for this user, bytes. */
  readonly freeBytes: number | undefined;
  /** Whether its volume takes no writes: mounted so, or made so by the kernel after a fault. */
  readonly readOnly: boolean | undefined;
  /** How much of its life eMMC says is used up, percent, in steps of ten; 110 beyond it. */
  readonly lifePercent: number | undefined;
  /** Errors that ext4 has found on the volume since it was made. */
  readonly fileSystemErrors: number | undefined;
}

/** Where the kernel tells of devices. */
const SYS = '/sys';
/** Where it tells of what is mounted (proc_pid_mountinfo(5)). */
const MOUNTS = '/proc/self/mountinfo';
/** How a file system says that it takes no writes; the latter two after a fault, on kernels that leave `rw` before them. */
const WRITES_REFUSED = /(^|,)(ro|emergency_ro|shutdown)(,|$)/;

/**
 * Reads how the storage under a folder is. It asks for no writes and reads no device: sysfs tells what the kernel has in memory.
 * @param sys folder of sysfs
 */
export function linuxStorage(folder: string, sys: string = SYS): Storage {
  const device = told(() => deviceOf(folder, sys));
  return {
    freeBytes: told(() => {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize;
    }),
    readOnly: isReadOnly(folder),
    lifePercent: device === undefined ? undefined : lifePercent(device),
    fileSystemErrors:
      device === undefined ? undefined : told(() => count(join(sys, 'fs/ext4', basename(device), 'errors_count'))),
  };
}

function isReadOnly(folder: string): boolean | undefined {
  try {
    accessSync(folder, constants.W_OK);
  } catch (error) {
    return errnoOf(error) === 'EROFS' ? true : undefined;
  }
  return told(() => {
    const device = numberOf(folder);
    const mounts = readFileSync(MOUNTS, 'utf8')
      .split('\n')
      .map((line) => line.split(' '));
    return mounts.some((fields) => fields[2] === device && WRITES_REFUSED.test(fields.at(-1) ?? ''));
  });
}

/** `major:minor` of the device that a folder lies on, as makedev(3) of glibc packs them. */
function numberOf(folder: string): string {
  const { dev } = statSync(folder, { bigint: true });
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn);
  return `${major}:${minor}`;
}

/** Folder of sysfs of the block device that a folder lies on. */
function deviceOf(folder: string, sys: string): string {
  return realpathSync(join(sys, 'dev/block', numberOf(folder)));
}

/**
 * `life_time` of the eMMC under a partition, or under the encrypted volume on it: two numbers, of the cells of either kind, 1 for up
 * to 10 % and so on, 11 beyond it, 0 when it does not tell (JEDEC JESD84-B51, DEVICE_LIFE_TIME_EST_TYP_A and _B).
 */
function lifePercent(device: string): number | undefined {
  for (const disk of [device, dirname(device), ...under(device)]) {
    const text = told(() => readFileSync(join(disk, 'device/life_time'), 'utf8'));
    if (text === undefined) continue;
    const worst = Math.max(...text.trim().split(/\s+/).map(Number));
    return worst >= 1 && worst <= 11 ? worst * 10 : undefined;
  }
  return undefined;
}

/** The disks and partitions that a mapped device is made of. */
function under(device: string): string[] {
  const slaves = join(device, 'slaves');
  const names = told(() => readdirSync(slaves)) ?? [];
  return names.flatMap((name) => {
    const real = told(() => realpathSync(join(slaves, name)));
    return real === undefined ? [] : [real, dirname(real), ...under(real)];
  });
}

function count(path: string): number | undefined {
  const value = Number(readFileSync(path, 'utf8').trim());
  return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** What a read gives; undefined where the machine has no such thing. */
function told<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}
