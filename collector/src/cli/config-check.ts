import { loadCollectorConfig } from '../config/fs-config.js';
import type { CommandOptions } from './command-options.js';

/** Checks the configuration and says so in one line. Errors: `not-initialised`, `config-unreadable`, `config-invalid`. */
export async function checkConfig({ config: path, out }: CommandOptions): Promise<void> {
  const { collectorId, publicAddress, pollSeconds } = await loadCollectorConfig(path);
  out(`${path} is good: collector ${collectorId} at ${publicAddress}, a round is ${pollSeconds} s`);
}
