import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';

/** Names of serial ports that do not change with the order of plugging (udev, 60-serial.rules). */
const BY_ID = '/dev/serial/by-id';

/** The name of a serial port that stays; undefined when it has none. @param folder of the names that stay */
export async function stablePath(path: string, folder = BY_ID): Promise<string | undefined> {
  const real = await realpath(path).catch(() => undefined);
  const names = await readdir(folder).catch(() => []);
  for (const name of names.toSorted()) {
    const stable = join(folder, name);
    if (real !== undefined && (await realpath(stable).catch(() => undefined)) === real) return stable;
  }
  return undefined;
}
