import type { CollectorConfig } from '../config.js';
import { loadCollectorConfig } from '../config/fs-config.js';
import { asOwnerOf } from './as-owner.js';

/**
 * Loads the configuration, and runs a command on the state that it names: as the user whom the state belongs to. What a command line names
 * is read before and written behind it, as whoever typed it. Errors: those of the configuration and of `asOwnerOf`.
 */
export async function withConfig<Value>(
  configPath: string,
  run: (config: CollectorConfig) => Value | Promise<Value>,
): Promise<Value> {
  const config = await loadCollectorConfig(configPath);
  return asOwnerOf(config.stateDir, () => run(config));
}
