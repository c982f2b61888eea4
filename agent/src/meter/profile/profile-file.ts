import { join } from 'node:path';
import { FarolaError, promisedFs, sha256, whyFailed, yamlValue } from '@farola/shared';
import type { ProfileOrigin } from '@farola/shared';
import { OWN_FOLDER } from '../../version.js';
import { completeProfile } from './complete-profile.js';
import type { WrittenProfile } from './complete-profile.js';
import type { Profile } from './profile.js';

/** A profile and the SHA-256 of its file's bytes, which stands in each signed analyser table with its origin. */
export interface LoadedProfile {
  readonly profile: Profile;
  readonly origin: ProfileOrigin;
  readonly hash: Uint8Array;
  readonly path: string;
}

/** Profiles by id. */
export type Profiles = ReadonlyMap<string, LoadedProfile>;

/** A folder of profiles. */
export interface ProfileFolder {
  readonly path: string;
  readonly origin: ProfileOrigin;
}

/** Folder of the profiles that are shipped with the agent. */
export const SHIPPED_PROFILES: ProfileFolder = { path: join(OWN_FOLDER, 'profiles'), origin: 'shipped' };

/** One that ships is known to be good, and needs no schema, unless it is no longer what it was. */
async function load(bytes: Uint8Array, path: string, origin: ProfileOrigin): Promise<LoadedProfile> {
  const written = origin === 'shipped' ? yamlValue(new TextDecoder().decode(bytes)) : undefined;
  if (isProfile(written)) return { profile: completeProfile(written), origin, hash: sha256(bytes), path };
  const { parseProfile } = await import('./parse-profile.js');
  return parseProfile(bytes, path, origin);
}

function isProfile(written: unknown): written is WrittenProfile {
  return typeof written === 'object' && written !== null && 'rows' in written && Array.isArray(written.rows);
}

/**
 * The id that stands in a file, whatever the file is called: an own profile with a wrong name would else be passed over without a word.
 * Empty where there is none, or it cannot be read.
 */
async function writtenId(path: string): Promise<string> {
  const text = await promisedFs.readFile(path, 'utf8').catch(() => '');
  return /^id:[ \t]*['"]?([^'"\s#]+)/m.exec(text)?.[1] ?? '';
}

/** What was found in folders of profiles. */
export interface FoundProfiles {
  readonly profiles: Profiles;
  /** Ids of all files that are there, read or not. */
  readonly ids: ReadonlySet<string>;
  /** Files that are not valid, and folders that cannot be read. */
  readonly problems: readonly FarolaError[];
}

/**
 * Reads the profiles of these folders; one in a later folder replaces one of the same id in an earlier folder. A folder
 * that does not exist holds none. Files that are not valid are reported beside the others, and so are own ones that have the id of one that
 * is wanted, and another name.
 * @param wanted ids of the profiles to read, by the names of their files; all when it is not told
 */
export async function readProfiles(folders: readonly ProfileFolder[], wanted?: ReadonlySet<string>): Promise<FoundProfiles> {
  const problems: FarolaError[] = [];
  const files = new Map<string, { path: string; origin: ProfileOrigin }>();
  for (const { path: folder, origin } of folders) {
    for (const name of await profileNames(folder, problems)) {
      files.set(name.slice(0, -EXTENSION.length), { path: join(folder, name), origin });
    }
  }
  const profiles = new Map<string, LoadedProfile>();
  for (const [id, { path, origin }] of files) {
    if (wanted && !wanted.has(id) && !(origin === 'own' && wanted.has(await writtenId(path)))) continue;
    try {
      profiles.set(id, await load(await promisedFs.readFile(path), path, origin));
    } catch (error) {
      problems.push(asProblem(error, path));
    }
  }
  return { profiles, ids: new Set(files.keys()), problems };
}

/** All profiles that ship. */
export async function shippedProfiles(): Promise<Profile[]> {
  const { profiles } = await readProfiles([SHIPPED_PROFILES]);
  return [...profiles.values()].map(({ profile }) => profile);
}

const EXTENSION = '.yaml';

async function profileNames(folder: string, problems: FarolaError[]): Promise<string[]> {
  try {
    return (await promisedFs.readdir(folder)).filter((name) => name.endsWith(EXTENSION)).toSorted();
  } catch (error) {
    if (!isSystemError(error) || error.code !== 'ENOENT') problems.push(asProblem(error, folder));
    return [];
  }
}

function asProblem(error: unknown, path: string): FarolaError {
  if (error instanceof FarolaError) return error;
  if (!isSystemError(error)) throw error;
  const problems = `it cannot be read: ${whyFailed(error, path)}`;
  return new FarolaError(
    'profile-invalid',
    { path, problems, remedy: 'check the path, and that this user may read it' },
    { cause: error },
  );
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}
