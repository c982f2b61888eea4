import { checkRemoteConfig, loadAgentConfig } from '../config.js';
import { shippedProfiles } from '../meter/profile/profile-file.js';
import type { ConfigReader } from './config-reader.js';

/** Reads where it is asked, with all that this loads. */
export const ownConfigReader: ConfigReader = { load: loadAgentConfig, check: checkRemoteConfig, shippedProfiles };
