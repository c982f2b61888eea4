import { statSync } from 'node:fs';

/** Which file stands at a path. */
export interface FilePlace {
  /** Device and inode: another one when the disk was unmounted or another was mounted over it. */
  readonly at: string;
  /** Inode and time of birth, where the file system knows one: the same when the same disk is mounted again. */
  readonly file: string;
}

/** Which file stands at a path now; undefined when none can be seen there. */
export function placeOf(path: string): FilePlace | undefined {
  try {
    const { dev, ino, birthtimeNs } = statSync(path, { bigint: true });
    return { at: `${dev}:${ino}`, file: `${ino}:${birthtimeNs}` };
  } catch {
    return undefined;
  }
}

/**
 * Why the file that stood at a path before cannot be gone on with there; undefined when it is back. What lies in the folder
 * below a disk that is not mounted, or on another disk, is another file.
 */
export function whyNotBack(path: string, before: FilePlace): string | undefined {
  const place = placeOf(path);
  if (!place) return 'it is not there: its disk is not mounted';
  return place.file === before.file ? undefined : 'another file stands there than was open';
}
