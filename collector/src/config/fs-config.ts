import { readFile } from 'node:fs/promises';
import { configInvalid, type ConfigRemedies, configUnread, readYaml } from '@farola/shared';
import { COLLECTOR_CONFIG, type CollectorConfig } from '../config.js';

/** Where the configuration lies unless a command says otherwise. */
export const CONFIG_PATH = '/etc/farola-collector/collector.yaml';

const REMEDIES: ConfigRemedies = {
  missing: 'name it with --config, or make a collector: `farola-collector init`',
  denied: 'run it as the user farola-collector, or through sudo',
};

/** Reads and checks the configuration. Errors: those of `configUnread`, `config-invalid` (all problems). */
export async function loadCollectorConfig(path: string): Promise<CollectorConfig> {
  return parseCollectorConfig(await readText(path), path);
}

/** Checks the text of a configuration; every problem is reported at once, with path, line and value. Error: `config-invalid`. */
export function parseCollectorConfig(text: string, path: string): CollectorConfig {
  // A file that says nothing lacks every field that must be there.
  const outcome = readYaml(text.trim() === '' ? '{}' : text, COLLECTOR_CONFIG);
  if (outcome.ok) return outcome.value;
  throw configInvalid(path, outcome.problems);
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw configUnread(path, error, REMEDIES);
  }
}
