import { codeOf, FarolaError } from '@farola/shared';
import { type LoadedAgentConfig, loadAgentConfig } from '../config.js';
import type { Log } from '../log/log.js';
import { fsPushedStore } from './fs-pushed-store.js';
import { isDiskFailure, NOTHING_PUSHED, PushedConfig, type PushedState, type PushedStore } from './pushed-config.js';

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

/**
 * As `loadEffectiveConfig`, for a run: counts a start on trial, rolls back what is on trial and does not fit, and goes on with
 * the file alone where what was kept does not fit the file any more. Where a start cannot be counted, since the disk takes no writes, what
 * is on trial does not count in this run: it could crash the agent again and again. Where what the collector set is damaged the file
 * counts alone as well: a panel is measured for as long as it can be.
 */
export async function loadConfigToRun(
  path: string | undefined,
  log: (config: LoadedAgentConfig) => Log,
  storeIn = fsPushedStore,
): Promise<EffectiveConfig> {
  const local = await loadAgentConfig(path);
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
  for (;;) {
    try {
      return { ...(await loadAgentConfig(path, pushed.text)), pushed };
    } catch (error) {
      if (!(error instanceof FarolaError) || codeOf(error) !== 'config-invalid') throw error;
      log(local).fail(error.code, error.facts);
      if (!pushed.state.trial) return { ...local, pushed };
      await pushed.rollBack('it does not fit the file on this LCU');
    }
  }
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
