import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type ArchivedFile, errnoOf, FarolaError, refuse, type Result, syncFolder } from '@farola/shared';
import { accessFailure } from '../store/access-failure.js';
import { isThere, makeFolder, type NewHome, openNewHome } from '../trust/fs-new-home.js';
import type { StatePaths } from '../config/state-paths.js';
import { PUBLIC, SECRET, writeNewFile } from '../trust/fs-key-file.js';
import { KEY_FILES } from '../trust/fs-key-files.js';
import { copySqlite } from './sqlite-copy.js';

/** Names in a backup. */
export const BACKUP_NAMES = { config: 'collector.yaml', state: 'state.db', uptime: 'uptime.db', keys: 'keys/' } as const;

const KEY_NAME = /^keys\/[a-z0-9-]+\.(key|pub|pem|cose|json)$/;
/** A folder in the state folder that is there only while a restore goes on: whatever lies beside it came from that restore. */
const RESTORING = 'restoring';
/** What is only there while something is written, and the root key, which is asked for by name. */
const LEFT_OUT = /(\.new|-next\.key)$/;

/**
 * Reads all that a new server needs but the ledger: configuration, keys and statements, the fleet, and uptime, which no ledger
 * tells; uptime is not there before the collector has run. The root key only from
 * `rootFile`. Errors: `not-initialised`, `permission-denied`, `disk-failure`, `ledger-corrupt`.
 */
export async function readForBackup(
  configPath: string,
  { keys, state, uptime }: StatePaths,
  rootFile: string | undefined,
): Promise<readonly ArchivedFile[]> {
  const files: ArchivedFile[] = [{ name: BACKUP_NAMES.config, mode: PUBLIC, content: await read(configPath) }];
  const names = await readdir(keys).catch((error: unknown) => {
    throw accessFailure(error, keys);
  });
  for (const name of names.sort()) {
    if (name === KEY_FILES.root || LEFT_OUT.test(name)) continue;
    files.push({ name: BACKUP_NAMES.keys + name, mode: modeOf(name), content: await read(join(keys, name)) });
  }
  if (rootFile !== undefined) {
    files.push({ name: BACKUP_NAMES.keys + KEY_FILES.root, mode: SECRET, content: await read(rootFile) });
  }
  files.push({ name: BACKUP_NAMES.state, mode: SECRET, content: await copySqlite(state, `${state}.backup`) });
  if (await isThere(uptime)) {
    files.push({ name: BACKUP_NAMES.uptime, mode: SECRET, content: await copySqlite(uptime, `${uptime}.backup`) });
  }
  return files;
}

/** Whether an archive holds what a backup must, and nothing else. Refuses with `backup-malformed`. */
export function checkBackup(files: readonly ArchivedFile[], path: string): Result<readonly ArchivedFile[]> {
  const names = files.map(({ name }) => name);
  const needed: readonly string[] = [BACKUP_NAMES.config, BACKUP_NAMES.state];
  const foreign = names.find((name) => !needed.includes(name) && name !== BACKUP_NAMES.uptime && !KEY_NAME.test(name));
  const missing = [...needed, BACKUP_NAMES.keys + KEY_FILES.rootPublic].find((name) => !names.includes(name));
  const refused = (reason: string): ReturnType<typeof refuse> => refuse('backup-malformed', { path, reason });
  if (foreign !== undefined) return refused(`${foreign} does not belong there`);
  if (missing !== undefined) return refused(`it has no ${missing}`);
  if (new Set(names).size < names.length) return refused('it holds a file twice');
  return { ok: true, value: files };
}

/** Where a restore puts things. */
export interface RestorePlace {
  readonly configPath: string;
  /** The text of the configuration. */
  readonly config: string;
  readonly stateDir: string;
  readonly paths: StatePaths;
}

/**
 * Puts the files of a backup into place, where nothing is yet; the configuration comes last. Root does it for the user of the
 * service. A restore that was cut off is begun anew by the next one. Errors: `already-initialised`, `not-empty`,
 * `permission-denied`, `disk-failure`; what `check` throws, before anything is in its place.
 * @param check looks at the folder of the keys, at the state and, where the backup has it, at uptime before they are put into place
 */
export async function placeBackup(files: readonly ArchivedFile[], place: RestorePlace, check: CheckRestored): Promise<void> {
  const { configPath, config, stateDir } = place;
  const home = await openNewHome(configPath, stateDir);
  await placeState(files, place, home, check);
  await home.writeConfig(config);
  await rm(join(stateDir, RESTORING), { recursive: true });
}

/** Looks at what is to be put into place. */
type CheckRestored = (keys: string, state: string, uptime: string | undefined) => Promise<void>;

async function placeState(
  files: readonly ArchivedFile[],
  { stateDir, paths }: RestorePlace,
  home: NewHome,
  check: CheckRestored,
): Promise<void> {
  await clearBroken(stateDir, paths);
  const aside = join(stateDir, RESTORING);
  await makeFolder(join(aside, 'keys'), 0o700);
  for (const { name, content } of files) {
    if (name === BACKUP_NAMES.config) continue;
    await writeNewFile(join(aside, name), content, modeOf(name));
  }
  const uptime = files.some(({ name }) => name === BACKUP_NAMES.uptime) ? join(aside, BACKUP_NAMES.uptime) : undefined;
  await check(join(aside, 'keys'), join(aside, BACKUP_NAMES.state), uptime).catch(async (error: unknown) => {
    await rm(aside, { recursive: true, force: true });
    throw error;
  });
  await home.give(aside);
  await makeFolder(paths.ledger, 0o750);
  await home.give(paths.ledger);
  await rename(join(aside, BACKUP_NAMES.state), paths.state);
  if (uptime !== undefined) await rename(uptime, paths.uptime);
  await rename(join(aside, 'keys'), paths.keys);
  await syncFolder(stateDir);
}

/** Empties the state folder of a restore that was cut off. Error: `not-empty` for anything else, such as a ledger in it. */
async function clearBroken(stateDir: string, { keys, state, uptime, ledger }: StatePaths): Promise<void> {
  const names = await namesIn(stateDir);
  if (names.length === 0) return;
  const restored = [RESTORING, ...[keys, state, uptime, ledger].map((path) => basename(path))];
  const foreign = names.some((name) => !restored.includes(name)) || (await namesIn(ledger)).length > 0;
  if (foreign || !names.includes(RESTORING)) throw new FarolaError('not-empty', { path: stateDir });
  for (const path of [keys, state, uptime, ledger, join(stateDir, RESTORING)]) await rm(path, { recursive: true, force: true });
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw accessFailure(error, folder);
  });
}

function modeOf(name: string): number {
  const open = /\.(pub|cose|json)$/.test(name) || name.endsWith(KEY_FILES.authority);
  return open ? PUBLIC : SECRET;
}

async function read(path: string): Promise<Uint8Array> {
  return new Uint8Array(
    await readFile(path).catch((error: unknown) => {
      throw accessFailure(error, path);
    }),
  );
}
