import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { getuid, getgid } = process;
const [UID, GID] = [getuid?.() ?? 0, getgid?.() ?? 0];

/** Debian's users have no folder of the system's programs in their PATH, where mkfs and losetup are. */
const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };

/** Runs a program to its end, and gives what it printed. Throws with what it said. */
export function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', env });
}

/** The same as root, through sudo where we are another user. */
export function runAsRoot(command: string, ...args: string[]): string {
  return UID === 0 ? run(command, ...args) : run('sudo', '-n', command, ...args);
}

/** Mounts a file system in memory of this size, which belongs to the user of the test. */
export function mountMemory(kilobytes: number, folder: string): void {
  runAsRoot('mount', '-t', 'tmpfs', '-o', `size=${kilobytes}k,mode=700,uid=${UID},gid=${GID}`, 'tmpfs', folder);
}

/** Makes an ext4 of this size in a file, which belongs to the user of the test. */
export function makeImage(image: string, megabytes: number): void {
  run('truncate', '-s', `${megabytes}M`, image);
  run('mkfs.ext4', '-q', '-m', '0', '-E', `root_owner=${UID}:${GID}`, image);
}

/** Mounts that, so that it is read-only from its first fault on. */
export function mountImage(image: string, folder: string): void {
  runAsRoot('mount', '-o', 'loop,errors=remount-ro', image, folder);
}

/** Takes what is mounted there out of the tree. */
export function unmount(folder: string): void {
  runAsRoot('umount', '--lazy', folder);
}

/**
 * Why nothing can be mounted here: undefined when it can, as a try shows. A user namespace would let any user mount memory, but
 * only for what runs in it, where it is root: tests run as the user that they are started by.
 * @param what `memory`, or `image` for a file by a loop device
 */
export function whyNoMount(what: 'memory' | 'image'): string | undefined {
  if (UID !== 0 && !works(() => run('sudo', '-n', 'true'))) return 'needs root, or sudo without a password';
  const folder = mkdtempSync(join(tmpdir(), 'farola-mount-'));
  const [image, mounted] = [join(folder, 'image'), join(folder, 'mounted')];
  mkdirSync(mounted);
  try {
    if (what === 'image' && !works(() => makeImage(image, 2))) return 'needs mkfs.ext4';
    const mount = (): void => (what === 'memory' ? mountMemory(64, mounted) : mountImage(image, mounted));
    if (!works(mount)) return what === 'memory' ? 'needs to mount tmpfs' : 'needs to mount by a loop device';
    unmount(mounted);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function works(act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}
