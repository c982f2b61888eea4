import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type ArchivedFile, errnoOf, FarolaError, refuse, type Result, syncFolder } from '@farola/shared';
import { accessFailure } from '../store/access-failure.js';
import { isThere } from '../store/is-there.js';
import { makeFolder, type NewHome, openNewHome } from '../trust/fs-new-home.js';
import type { StatePaths } from '../config/state-paths.js';
import { PUBLIC, SECRET, writeNewFile } from '../trust/fs-key-file.js';
import { KEY_FILES } from '../trust/fs-key-files.js';
import { copyPages, copySqlite } from './sqlite-copy.js';

/** Names in a backup. */
export const BACKUP_NAMES = {
  config: 'collector.yaml',
  state: 'state.db',
  uptime: 'uptime.db',
  proof: 'proof.db',
  keys: 'keys/',
} as const;

/** What no ledger tells and may be missing: it is not there before the collector has run, nor in backups of before it was taken in. */
const BESIDE = ['uptime', 'proof'] as const;

/** Where files beside the fleet lie that a backup has. */
export type BesideFleet = Partial<Record<(typeof BESIDE)[number], string>>;

const KEY_NAME = /^keys\/[a-z0-9-]+\.(key|pub|pem|cose|json)$/;
/** A folder in the state folder that is there only while a restore goes on: whatever lies beside it came from that restore. */
const RESTORING = 'restoring';
/** What is only there while something is written, and the root key, which is asked for by name. */
const LEFT_OUT = /(\.farola-new|-next\.key)$/;

/** A file of which a backup has less than it should. */
export interface Harmed {
  /** Its name in the backup. */
  readonly name: string;
  /** Whether it is in the backup, as damaged as it is; otherwise it is left out. */
  readonly taken: boolean;
  readonly why: FarolaError;
}

/** What a backup is made of, and what it lacks. */
export interface ReadFiles {
  readonly files: readonly ArchivedFile[];
  readonly harmed: readonly Harmed[];
}

/** What is not of the state folder. */
export interface GivenFiles {
  readonly config: Uint8Array;
  /** The file of the root key, where it is to be taken in. */
  readonly root?: Uint8Array | undefined;
}

/**
 * Reads all that a new server needs but the ledger: configuration, keys and statements, the fleet, uptime, and the seals of closed
 * months. The root key only where it is given. A fleet that is damaged is taken as it is, since nothing else has it, and left out where not even
 * its bytes can be read: the keys are needed all the more. Uptime and seals that cannot be read are left out, since a new server begins
 * them anew. Errors: `not-initialised`, `permission-denied`, `disk-failure`.
 */
export async function readForBackup(paths: StatePaths, { config, root }: GivenFiles): Promise<ReadFiles> {
  const { keys, state } = paths;
  const files: ArchivedFile[] = [{ name: BACKUP_NAMES.config, mode: PUBLIC, content: config }];
  const names = await readdir(keys).catch((error: unknown) => {
    throw accessFailure(error, keys);
  });
  for (const name of names.sort()) {
    if (name === KEY_FILES.root || LEFT_OUT.test(name)) continue;
    files.push({ name: BACKUP_NAMES.keys + name, mode: modeOf(name), content: await read(join(keys, name)) });
  }
  if (root) files.push({ name: BACKUP_NAMES.keys + KEY_FILES.root, mode: SECRET, content: root });
  const harmed: Harmed[] = [];
  const fleet = await copyFleet(state, (one) => harmed.push({ name: BACKUP_NAMES.state, ...one }));
  if (fleet) files.push({ name: BACKUP_NAMES.state, mode: SECRET, content: fleet });
  for (const beside of BESIDE) {
    const name = BACKUP_NAMES[beside];
    const content = await copyBeside(paths[beside], (why) => harmed.push({ name, taken: false, why }));
    if (content) files.push({ name, mode: SECRET, content });
  }
  return { files, harmed };
}

/** Whole, else page by page, else as the bytes lie there: of a file whose first page is damaged SQLite opens none. */
async function copyFleet(path: string, onHarmed: (harmed: Omit<Harmed, 'name'>) => void): Promise<Uint8Array | undefined> {
  try {
    return await copySqlite(path, `${path}.backup`);
  } catch (why) {
    if (!(why instanceof FarolaError) || !(await isHarmed(why, path))) throw why;
    const content = await copyPages(path, `${path}.backup`)
      .catch(() => read(path))
      .catch(() => undefined);
    onHarmed({ taken: content !== undefined, why });
    return content;
  }
}

/** Whether it is the file that fails, and not the disk that takes no copy of it. */
async function isHarmed({ code }: FarolaError, path: string): Promise<boolean> {
  if (code !== 'disk-failure') return code === 'ledger-corrupt';
  return read(path).then(
    () => false,
    () => isThere(path),
  );
}

async function copyBeside(path: string, onHarmed: (why: FarolaError) => void): Promise<Uint8Array | undefined> {
  try {
    return isThere(path) ? await copySqlite(path, `${path}.backup`) : undefined;
  } catch (error) {
    if (!(error instanceof FarolaError)) throw error;
    onHarmed(error);
    return undefined;
  }
}

/** Whether an archive holds what a backup must, and nothing else. Refuses with `backup-malformed`; `backup-harmed` for one without a fleet. */
export function checkBackup(files: readonly ArchivedFile[], path: string): Result<readonly ArchivedFile[]> {
  const names = files.map(({ name }) => name);
  const known: readonly string[] = [BACKUP_NAMES.config, BACKUP_NAMES.state, ...BESIDE.map((beside) => BACKUP_NAMES[beside])];
  const foreign = names.find((name) => !known.includes(name) && !KEY_NAME.test(name));
  const missing = [BACKUP_NAMES.config, BACKUP_NAMES.keys + KEY_FILES.rootPublic].find((name) => !names.includes(name));
  const refused = (reason: string): ReturnType<typeof refuse> => refuse('backup-malformed', { path, reason });
  if (foreign !== undefined) return refused(`${foreign} does not belong there`);
  if (missing !== undefined) return refused(`it has no ${missing}`);
  if (new Set(names).size < names.length) return refused('it holds a file twice');
  if (!names.includes(BACKUP_NAMES.state)) return refuse('backup-harmed', { path, file: BACKUP_NAMES.state });
  return { ok: true, value: files };
}

/** Where a restore puts things. */
export interface RestorePlace {
  readonly configPath: string;
  /** The text of the configuration. */
  readonly config: string;
  readonly stateDir: string;
  readonly paths: StatePaths;
  /** Claims the state folder, by a file in it, until it is released or the process ends. */
  readonly claim: (folder: string) => Promise<Claim>;
}

/** A folder that nobody else brings anything to. */
interface Claim {
  /** Name of the file by which it is claimed; others beside it begin with the same. */
  readonly file: string;
  release(): void;
}

/**
 * Puts the files of a backup into place, where nothing is yet; the configuration comes last. Root does it for the user of the
 * service. A restore that was cut off is begun anew by the next one. Errors: `already-initialised`, `not-empty`, `already-running` beside
 * another restore, `permission-denied`, `disk-failure`; what `check` throws, before anything is in its place.
 * @param check looks at the folder of the keys, at the state and, where the backup has them, at the files beside it before they are
 * put into place
 */
export async function placeBackup(files: readonly ArchivedFile[], place: RestorePlace, check: CheckRestored): Promise<void> {
  const { configPath, config, stateDir } = place;
  const home = await openNewHome(configPath, stateDir);
  const claim = await place.claim(stateDir);
  try {
    await placeState(files, place, home, check, claim.file);
    await home.writeConfig(config);
    await rm(join(stateDir, RESTORING), { recursive: true });
  } finally {
    await rm(join(stateDir, claim.file), { force: true });
    claim.release();
  }
}

/** Looks at what is to be put into place. */
type CheckRestored = (keys: string, state: string, beside: BesideFleet) => Promise<void>;

async function placeState(
  files: readonly ArchivedFile[],
  { stateDir, paths }: RestorePlace,
  home: NewHome,
  check: CheckRestored,
  claimedBy: string,
): Promise<void> {
  await clearBroken(stateDir, paths, claimedBy);
  const aside = join(stateDir, RESTORING);
  makeFolder(join(aside, 'keys'), 0o700);
  for (const { name, content } of files) {
    if (name === BACKUP_NAMES.config) continue;
    await writeNewFile(join(aside, name), content, modeOf(name));
  }
  const held = BESIDE.filter((name) => files.some((file) => file.name === BACKUP_NAMES[name]));
  const beside: BesideFleet = Object.fromEntries(held.map((name) => [name, join(aside, BACKUP_NAMES[name])]));
  await check(join(aside, 'keys'), join(aside, BACKUP_NAMES.state), beside).catch(async (error: unknown) => {
    await rm(aside, { recursive: true, force: true });
    throw error;
  });
  await home.give(aside);
  makeFolder(paths.ledger, 0o750);
  await home.give(paths.ledger);
  await rename(join(aside, BACKUP_NAMES.state), paths.state);
  for (const name of held) await rename(join(aside, BACKUP_NAMES[name]), paths[name]);
  await rename(join(aside, 'keys'), paths.keys);
  await syncFolder(stateDir);
}

/** Empties the state folder of a restore that was cut off. Error: `not-empty` for anything else, such as a ledger in it. */
async function clearBroken(
  stateDir: string,
  { keys, state, uptime, proof, ledger }: StatePaths,
  claimedBy: string,
): Promise<void> {
  const names = (await namesIn(stateDir)).filter((name) => !name.startsWith(claimedBy));
  if (names.length === 0) return;
  const restored = [RESTORING, ...[keys, state, uptime, proof, ledger].map((path) => basename(path))];
  const foreign = names.some((name) => !restored.includes(name)) || (await namesIn(ledger)).length > 0;
  if (foreign || !names.includes(RESTORING)) throw new FarolaError('not-empty', { path: stateDir });
  for (const path of [keys, state, uptime, proof, ledger, join(stateDir, RESTORING)])
    await rm(path, { recursive: true, force: true });
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
