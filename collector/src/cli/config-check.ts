import { loadCollectorConfig } from '../config/fs-config.js';
import { type CommandOptions, say } from './command-options.js';

/** Checks the configuration and says so in one line. Errors: `not-initialised`, `config-unreadable`, `config-invalid`. */
export async function checkConfig(options: CommandOptions): Promise<void> {
  const { config: path } = options;
  const { collectorId, publicAddress, pollSeconds } = await loadCollectorConfig(path);
  const facts = { configPath: path, collectorId, address: publicAddress, pollSeconds };
  say(options, facts, `${path} is good: collector ${collectorId} at ${publicAddress}, a round is ${pollSeconds} s`);
}
