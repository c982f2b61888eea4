import { join, resolve } from 'node:path';
import { codeOf, counted, FarolaError, jsonTime, printable } from '@farola/shared';
import { stringify } from 'yaml';
import { loadAgentConfig } from '../config.js';
import { AGENT_CONFIG_PATH } from '../config/config-path.js';
import { loadEffectiveConfig } from '../config/fs-effective-config.js';
import { fsPushedStore, PUSHED_FILE } from '../config/fs-pushed-store.js';
import { type Pushed, PushedConfig } from '../config/pushed-config.js';
import { lockExisting } from '../journal/sqlite-lock.js';
import { JOURNAL_FILE } from '../journal/journal.js';
import { removeDurably } from '../trust/fs-durable-file.js';
import { say } from './say.js';

/** What `farola-agent config show` and `reset` are asked. */
export interface ConfigRemoteOptions {
  /** Path of the configuration; /etc/farola/agent.yaml when it is not told. */
  readonly config?: string | undefined;
  /** One JSON object instead of lines. */
  readonly json?: boolean | undefined;
}

/**
 * Prints the configuration that counts, and what of it the collector set. @throws FarolaError as `loadAgentConfig`, and when both
 * do not fit together any more: then the file alone counts
 */
export async function showConfig({ config: path, json }: ConfigRemoteOptions, out: (line: string) => void): Promise<void> {
  const { config, pushed } = await loadEffectiveConfig(path);
  const configPath = resolve(path ?? AGENT_CONFIG_PATH);
  const { accepted, trial, kept } = pushed.state;
  if (json) {
    const pushes = {
      acceptedSequence: accepted,
      trial: trial && { ...pushedJson(trial), starts: trial.starts },
      kept: kept && pushedJson(kept),
    };
    out(JSON.stringify({ configPath, config, ...pushes }));
    return;
  }
  out(`# file: ${configPath}`);
  if (!trial && !kept) out('# collector: nothing');
  if (kept) out(`# collector: ${pushedText(kept)}`);
  if (trial) out(`# on trial: ${pushedText(trial)}, started ${counted(trial.starts, 'time')}`);
  out(stringify(config).trimEnd());
}

/**
 * Forgets what the collector set. Older ones cannot come again: what was accepted stays counted.
 * @throws FarolaError `already-running`, `config-local` when there is nothing to forget
 */
export async function resetConfig({ config, json }: ConfigRemoteOptions, out: (line: string) => void): Promise<void> {
  const path = config ?? AGENT_CONFIG_PATH;
  const { stateDir } = (await loadAgentConfig(path)).config;
  const lock = await lockExisting(join(stateDir, JOURNAL_FILE));
  try {
    const told = (await forget(stateDir))
      ? 'the collector is told'
      : 'what the collector had set was damaged, and it is not told';
    say({ out, json }, { configPath: resolve(path), stateDir }, `The file alone counts from the next start on; ${told}.`);
  } finally {
    lock?.release();
  }
}

/** Gives whether it could be read, so that the collector is told of it. @throws FarolaError `config-local` */
async function forget(stateDir: string): Promise<boolean> {
  const store = fsPushedStore(stateDir);
  const state = await store.load().catch((error: unknown) => {
    if (codeOf(error) !== 'state-file-invalid') throw error;
  });
  if (!state) await removeDurably(join(stateDir, PUSHED_FILE));
  else if (!(await new PushedConfig(store, state).reset())) throw new FarolaError('config-local');
  return state !== undefined;
}

function pushedJson({ sequence, text, by, reason, atMs }: Pushed): object {
  return { sequence, receivedAt: jsonTime(atMs), by, reason, text };
}

function pushedText({ sequence, by, reason, atMs }: Pushed): string {
  return `${sequence} of ${new Date(atMs).toISOString()} by ${printable(by)}: ${printable(reason)}`;
}
