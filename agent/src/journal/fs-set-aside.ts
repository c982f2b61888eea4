import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** SQLite's companions of a database in WAL mode belong to it. */
const COMPANIONS = ['', '-wal', '-shm'];
const KEPT = 2;

/**
 * Moves a journal that does not agree with itself out of the way, for inspection, so that an LCU nobody stands in front
 * of goes on measuring. The newest two are kept. Returns the new path.
 */
export async function setAside(path: string, wallMs: number): Promise<string> {
  const stem = `${basename(path)}.damaged-`;
  const aside = join(dirname(path), stem + String(wallMs));
  for (const companion of COMPANIONS) {
    await rename(path + companion, aside + companion).catch((error: unknown) => {
      if (companion === '') throw error;
    });
  }
  const names = await readdir(dirname(path));
  const old = names.filter((name) => name.startsWith(stem) && /^\d+$/.test(name.slice(stem.length)));
  const byAge = old.toSorted((a, b) => Number(a.slice(stem.length)) - Number(b.slice(stem.length)));
  for (const name of byAge.slice(0, -KEPT)) {
    for (const companion of COMPANIONS) await rm(join(dirname(path), name + companion), { force: true });
  }
  return aside;
}
