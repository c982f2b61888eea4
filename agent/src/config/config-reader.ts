import type { LoadedAgentConfig } from '../config.js';
import type { Profile } from '../meter/profile/profile.js';

/** Port: reads configurations and profiles. Several may ask at once. */
export interface ConfigReader {
  /** As `loadAgentConfig`. @param path /etc/farola/agent.yaml when it is undefined */
  load(path: string | undefined, remote?: string): Promise<LoadedAgentConfig>;
  /** As `checkRemoteConfig`. */
  check(path: string | undefined, remote: string): Promise<void>;
  /** All profiles that ship. */
  shippedProfiles(): Promise<readonly Profile[]>;
}

/** Gives a reader to work that needs one, for as long as it takes. */
export type WithConfigReader = <Result>(work: (reader: ConfigReader) => Promise<Result>) => Promise<Result>;
