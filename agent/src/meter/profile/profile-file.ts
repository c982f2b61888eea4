import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { FarolaError, readYaml } from '@farola/shared';
import { evened } from '../plan/block-plan.js';
import { profileSchema, spanOf } from './profile.js';
import type { Profile, ProfileRow } from './profile.js';
import { registersOf } from './register-type.js';
import { OWN_FOLDER } from '../../version.js';

/** A profile and the SHA-256 of its file's bytes, which stands in each signed analyser table. */
export interface LoadedProfile {
  readonly profile: Profile;
  readonly hash: Uint8Array;
  readonly path: string;
}

/** Profiles by id. */
export type Profiles = ReadonlyMap<string, LoadedProfile>;

/** Folder of the profiles that are shipped with the agent. */
export const SHIPPED_PROFILES = join(OWN_FOLDER, 'profiles');

/**
 * Parses one profile file.
 * @throws FarolaError `profile-invalid` with all problems, each with its path
 */
export function parseProfile(bytes: Uint8Array, path: string): LoadedProfile {
  const document = readYaml(new TextDecoder().decode(bytes), profileSchema);
  const problems = document.ok ? inconsistencies(document.value, path) : document.problems;
  if (!document.ok || problems.length > 0) throw new FarolaError('profile-invalid', { path, problems: list(problems) });
  return { profile: document.value, hash: new Uint8Array(createHash('sha256').update(bytes).digest()), path };
}

/**
 * Reads the profiles of these folders; one in a later folder replaces one of the same id in an earlier folder. A folder
 * that does not exist holds none. Files that are not valid are reported beside the others.
 */
export async function readProfiles(folders: readonly string[]): Promise<{ profiles: Profiles; problems: FarolaError[] }> {
  const profiles = new Map<string, LoadedProfile>();
  const problems: FarolaError[] = [];
  for (const folder of folders) {
    for (const path of await profileFiles(folder, problems)) {
      try {
        const loaded = parseProfile(await readFile(path), path);
        profiles.set(loaded.profile.id, loaded);
      } catch (error) {
        problems.push(asProblem(error, path));
      }
    }
  }
  return { profiles, problems };
}

async function profileFiles(folder: string, problems: FarolaError[]): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names
      .filter((name) => name.endsWith('.yaml'))
      .toSorted()
      .map((name) => join(folder, name));
  } catch (error) {
    if (!isSystemError(error) || error.code !== 'ENOENT') problems.push(asProblem(error, folder));
    return [];
  }
}

function asProblem(error: unknown, path: string): FarolaError {
  if (error instanceof FarolaError) return error;
  if (!isSystemError(error)) throw error;
  return new FarolaError('profile-invalid', { path, problems: error.message }, { cause: error });
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}

/** What a profile that fits the schema still gets wrong. */
function inconsistencies(profile: Profile, path: string): string[] {
  const seen = new Set<string>();
  const problems = profile.rows.flatMap((row, index) => {
    const repeated = seen.has(row.quantity) ? [`rows[${index}].quantity: ${row.quantity} stands in an earlier row`] : [];
    seen.add(row.quantity);
    return [...repeated, ...rowProblems(row, profile).map((problem) => `rows[${index}]: ${problem}`)];
  });
  const expected = `${profile.id}.yaml`;
  return basename(path) === expected ? problems : [`id: the file of ${profile.id} is called ${expected}`, ...problems];
}

function rowProblems(row: ProfileRow, profile: Profile): string[] {
  const { from, to } = spanOf(row);
  const needed = evened(to - from, profile);
  const parts = 'composite' in row ? [row.composite.high, row.composite.low] : [row];
  const wide = parts.flatMap((part) => {
    const limit = 1n << BigInt(16 * registersOf(part.type));
    return part.invalid.filter((bits) => BigInt(bits) >= limit).map((bits) => `${bits} is wider than ${part.type}`);
  });
  return [
    ...(to > 0x10000 ? [`reaches beyond register 0xFFFF`] : []),
    ...(needed > profile.maxRegisters
      ? [`needs ${needed} registers in one request, maxRegisters is ${profile.maxRegisters}`]
      : []),
    ...wide,
  ];
}

function list(problems: readonly string[]): string {
  return problems.map((problem) => `\n  ${problem}`).join('');
}
