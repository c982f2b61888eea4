import { FarolaError } from '@farola/shared';
import { agentConfigSchema } from '../config.js';
import { readProfiles, SHIPPED_PROFILES } from '../meter/profile/profile-file.js';
import type { ProfileFolder } from '../meter/profile/profile-file.js';
import type { Profile } from '../meter/profile/profile.js';
import { loadProfile } from './profile-check.js';

/**
 * The profile of an id, an own one before a shipped one; or of a file, which has a `/` or ends in `.yaml`.
 * @param profilesDir folder of own profiles; the usual one when it is not told
 * @throws FarolaError `profile-unreadable`, `profile-invalid`
 */
export async function namedProfile(name: string, profilesDir?: string): Promise<Profile> {
  if (name.includes('/') || name.endsWith('.yaml')) return loadProfile(name);
  const own: ProfileFolder = { path: profilesDir ?? agentConfigSchema.shape.profilesDir.parse(undefined), origin: 'own' };
  const { profiles, ids, problems } = await readProfiles([SHIPPED_PROFILES, own], new Set([name]));
  const found = profiles.get(name)?.profile;
  if (found) return found;
  if (problems[0]) throw problems[0];
  throw new FarolaError('profile-unreadable', { path: name, reason: `there are ${[...ids].toSorted().join(', ')}` });
}
