import { type LoadedAgentConfig, loadAgentConfig } from '../config.js';
import { fsPushedStore } from './fs-pushed-store.js';
import { PushedConfig } from './pushed-config.js';

/** The configuration that counts, and where its parts come from. */
export interface EffectiveConfig extends LoadedAgentConfig {
  readonly pushed: PushedConfig;
}

/** Loads the file and what the collector set; nothing is changed. @throws FarolaError as `loadAgentConfig` */
export async function loadEffectiveConfig(path: string | undefined): Promise<EffectiveConfig> {
  const { stateDir } = (await loadAgentConfig(path)).config;
  const store = fsPushedStore(stateDir);
  const pushed = new PushedConfig(store, await store.load());
  return { ...(await loadAgentConfig(path, pushed.text)), pushed };
}
