import { FarolaError } from '@farola/shared';
import type { EffectiveConfig } from '../config/fs-effective-config.js';
import { loadEffectiveConfig } from '../config/fs-effective-config.js';

/**
 * The configuration, for a command that can do without one: undefined where none was named and the usual one is not there, may not be read,
 * or is not valid.
 * @throws FarolaError as `loadEffectiveConfig`, of one that was named
 */
export async function configIfAny(path: string | undefined): Promise<EffectiveConfig | undefined> {
  try {
    return await loadEffectiveConfig(path);
  } catch (error) {
    if (!(error instanceof FarolaError) || path !== undefined) throw error;
    return undefined;
  }
}

/** The folder of own profiles that the configuration names; undefined for the usual one. @throws FarolaError as `configIfAny` */
export async function ownProfiles(path: string | undefined): Promise<string | undefined> {
  return (await configIfAny(path))?.config.profilesDir;
}
