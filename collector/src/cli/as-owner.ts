import { opendirSync, statSync } from 'node:fs';
import { errnoOf, FarolaError, type Owner } from '@farola/shared';
import { accessFailure } from '../store/access-failure.js';

/**
 * Does work in a folder as the user whom that belongs to, where root does it: what is made there, of whatever library, is his, and a link that
 * he puts there leads root nowhere. Behind it root is root again, who reads and writes what a command line names. Whoever else is here, or
 * where the folder is root's or not there, nothing changes. One caller at a time; within the work it may be asked again. Errors:
 * `permission-denied` where he may not get into his folder; those of the work.
 */
export async function asOwnerOf<Value>(folder: string, work: () => Value | Promise<Value>): Promise<Value> {
  const owner = process.geteuid?.() === 0 ? ownerOf(folder) : undefined;
  if (!owner) return work();
  const beRoot = become(owner, folder);
  try {
    checkEntered(folder, owner);
    return await work();
  } finally {
    beRoot();
  }
}

/** Whose a folder is; undefined for root, and of what is not there. */
function ownerOf(folder: string): Owner | undefined {
  try {
    const { uid, gid } = statSync(folder);
    return uid === 0 ? undefined : { uid, gid };
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw accessFailure(error, folder);
  }
}

/** Of the three ids of a process only the effective one changes, in all its threads (seteuid(2)). Gives the way back. */
function become({ uid, gid }: Owner, folder: string): () => void {
  const before = { gid: process.getegid?.() ?? 0, groups: process.getgroups?.() ?? [] };
  const beRoot = (): void => {
    process.seteuid?.(0);
    process.setegid?.(before.gid);
    process.setgroups?.(before.groups);
  };
  let changed = false;
  try {
    takeGroups(uid, gid);
    changed = true;
    process.setegid?.(gid);
    process.seteuid?.(uid);
    return beRoot;
  } catch (error) {
    if (changed) beRoot();
    const remedy = `it belongs to the user ${uid}, whom root may not become here: run it as that user, \`sudo -u '#${uid}' ...\``;
    throw new FarolaError('permission-denied', { path: folder, remedy }, { cause: error });
  }
}

/** What the types of Node leave out. */
interface WithGroups {
  initgroups(user: number, group: number): void;
}

/** All groups of the user; of one whom passwd(5) does not name, that of his folder. */
function takeGroups(uid: number, gid: number): void {
  try {
    (process as unknown as WithGroups).initgroups(uid, gid);
  } catch (error) {
    if (errnoOf(error) !== 'ERR_UNKNOWN_CREDENTIAL') throw error;
    process.setgroups?.([gid]);
  }
}

function checkEntered(folder: string, { uid }: Owner): void {
  try {
    opendirSync(folder).closeSync();
  } catch (error) {
    if (errnoOf(error) !== 'EACCES') throw accessFailure(error, folder);
    const remedy = `it belongs to the user ${uid}, who may not enter it: let him into each folder of \`namei -l ${folder}\``;
    throw new FarolaError('permission-denied', { path: folder, remedy }, { cause: error });
  }
}
