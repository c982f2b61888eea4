import { problemsOfConfig } from '@farola/shared';
import { loadCollectorConfig } from '../config/fs-config.js';
import { type CommandOptions, say } from './command-options.js';

/** Checks the configuration and says so in one line; as JSON also what is wrong with it. Errors: `config-unreadable`, `config-invalid`. */
export async function checkConfig(options: CommandOptions): Promise<void> {
  const { config: path } = options;
  const { collectorId, publicAddress, pollSeconds } = await loadCollectorConfig(path).catch((error: unknown) => {
    const problems = problemsOfConfig(error);
    const nothing = { collectorId: null, address: null, pollSeconds: null };
    if (problems.length > 0) say(options, { configPath: path, good: false, problems, ...nothing });
    throw error;
  });
  const facts = { configPath: path, good: true, problems: [], collectorId, address: publicAddress, pollSeconds };
  say(options, facts, `${path} is good: collector ${collectorId} at ${publicAddress}, a round is ${pollSeconds} s`);
}
