import { codeOf, FarolaError } from '@farola/shared';
import type { AgentConfig, LoadedAgentConfig } from '../config.js';
import type { Log } from '../log/log.js';
import type { ConfigReader } from './config-reader.js';
import type { EffectiveConfig } from './fs-effective-config.js';
import { fsPushedStore } from './fs-pushed-store.js';
import { isDiskFailure, NOTHING_PUSHED, PushedConfig, type PushedState, type PushedStore } from './pushed-config.js';

/** How a configuration to run is loaded. */
export interface ConfigToRunOptions {
  /** Sees what the file says before anything is done by it; throws where nothing shall be. */
  readonly vet?: ((config: AgentConfig) => Promise<void>) | undefined;
  /** Where what the collector set is kept; in a file of the state folder when it is not told. */
  readonly storeIn?: typeof fsPushedStore;
}

/**
 * As `loadEffectiveConfig`, for a run: counts a start on trial, rolls back what is on trial and does not fit, and goes on with
 * the file alone where what was kept does not fit the file any more. Where a start cannot be counted, since the disk takes no writes, what
 * is on trial does not count in this run: it could crash the agent again and again. Where what the collector set is damaged the file
 * counts alone as well: a panel is measured for as long as it can be.
 */
export async function loadConfigToRun(
  reader: Pick<ConfigReader, 'load'>,
  path: string | undefined,
  log: (config: LoadedAgentConfig) => Log,
  { vet, storeIn = fsPushedStore }: ConfigToRunOptions = {},
): Promise<EffectiveConfig> {
  const local = await reader.load(path);
  await vet?.(local.config);
  const store = storeIn(local.config.stateDir);
  const pushed = new PushedConfig(store, await loadToRun(store, log(local)));
  if (!local.config.remote.accept) {
    await pushed.rollBack('remote.accept is false in the file on this LCU');
    return { ...local, pushed };
  }
  await pushed.begin().catch((error: unknown) => {
    if (!isDiskFailure(error)) throw error;
    log(local).fail(error.code, error.facts);
    pushed.leaveOut('the disk takes no writes');
  });
  while (pushed.text !== undefined) {
    try {
      return { ...(await reader.load(path, pushed.text)), pushed };
    } catch (error) {
      if (!(error instanceof FarolaError) || codeOf(error) !== 'config-invalid') throw error;
      log(local).fail(error.code, error.facts);
      if (!pushed.state.trial) return { ...local, pushed };
      await pushed.rollBack('it does not fit the file on this LCU');
    }
  }
  return { ...local, pushed };
}

async function loadToRun(store: PushedStore, log: Log): Promise<PushedState> {
  try {
    return await store.load();
  } catch (error) {
    if (!(error instanceof FarolaError) || error.code !== 'state-file-invalid') throw error;
    log.fail(error.code, error.facts);
    return NOTHING_PUSHED;
  }
}
