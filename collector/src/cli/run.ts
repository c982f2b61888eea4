import { runCollector } from '../main.js';
import type { CommandOptions } from './command-options.js';

/** Runs the collector until SIGTERM or SIGINT, then stops in order. Errors: those of `runCollector`. */
export async function runCommand({ config }: CommandOptions): Promise<void> {
  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort());
  process.once('SIGINT', () => stop.abort());
  await runCollector({ configPath: config, signal: stop.signal });
}
