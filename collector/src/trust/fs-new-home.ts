import { chownSync, constants } from 'node:fs';
import { access, lchown, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errnoOf, FarolaError, makeFolderPath, type Owner } from '@farola/shared';
import { PUBLIC, writeNewFile } from './fs-key-file.js';
import { accessFailure, folderFailure } from '../store/access-failure.js';
import { isThere } from '../store/is-there.js';

/** The user that the collector runs as (systemd/sysusers.d). */
const USER = 'farola-collector';
const CONFIG_REMEDY = 'as root have `systemd-tmpfiles --create` make the folder (systemd/tmpfiles.d), or run this as root';
/** Of the configuration that root writes: the service reads it and cannot change it. */
const OF_GROUP = 0o640;

/** The two places of a collector that is made or restored. What root does there it does for the user of the service. */
export interface NewHome {
  /** Whom the state belongs to, where root makes it for somebody else; undefined for whoever makes it. */
  readonly owner: Owner | undefined;
  /** Gives a folder in the state folder, with all that is in it, to whom that belongs. */
  give(folder: string): Promise<void>;
  /** Writes the configuration, whole. Errors: `already-initialised`, `permission-denied`, `disk-failure`. */
  writeConfig(text: string): Promise<void>;
}

/**
 * Opens the places of a new collector; they are made when they are not there. Nothing else is changed, and the place of the
 * configuration is one that can be written: keys without it would be in the way of the next try. Errors:
 * `already-initialised` for a configuration, `permission-denied`, `path-unusable`, `disk-failure`.
 */
export async function openNewHome(configPath: string, stateDir: string): Promise<NewHome> {
  if (isThere(configPath)) throw new FarolaError('already-initialised', { path: configPath });
  const owner = process.getuid?.() === 0 ? await ownerOf(stateDir) : undefined;
  const ofConfig = owner && { uid: 0, gid: owner.gid };
  makeFolder(dirname(configPath), ofConfig ? 0o770 : 0o755, ofConfig);
  await checkWritable(dirname(configPath));
  makeFolder(stateDir, 0o750, owner);
  return {
    owner,
    give: async (folder) => {
      if (owner) await giveAll(folder, owner);
    },
    writeConfig: (text) => writeNewFile(configPath, text, ofConfig ? OF_GROUP : PUBLIC, ofConfig),
  };
}

/** Makes a folder and those above it. Errors: `permission-denied`, `path-unusable`, `disk-failure`. */
export function makeFolder(path: string, mode: number, owner?: Owner): void {
  if (isThere(path)) return;
  try {
    makeFolderPath(path, mode);
    if (owner) chownSync(path, owner.uid, owner.gid);
  } catch (error) {
    throw folderFailure(error, path);
  }
}

async function checkWritable(folder: string): Promise<void> {
  await access(folder, constants.W_OK | constants.X_OK).catch((error: unknown) => {
    if (errnoOf(error) !== 'EACCES') throw accessFailure(error, folder);
    throw new FarolaError('permission-denied', { path: folder, remedy: CONFIG_REMEDY }, { cause: error });
  });
}

/** To whom the state belongs; of a folder that is not there, the user of the service. undefined for root itself. */
async function ownerOf(stateDir: string): Promise<Owner | undefined> {
  const owner = isThere(stateDir) ? await stat(stateDir) : await findUser(USER);
  return owner?.uid === 0 ? undefined : owner;
}

/** A user of passwd(5); undefined when there is none of this name. */
async function findUser(name: string): Promise<Owner | undefined> {
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n');
  const fields = lines.map((line) => line.split(':')).find(([user]) => user === name);
  return fields && { uid: Number(fields[2]), gid: Number(fields[3]) };
}

async function giveAll(folder: string, owner: Owner): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await giveAll(path, owner);
    else await lchown(path, owner.uid, owner.gid);
  }
  await lchown(folder, owner.uid, owner.gid);
}
