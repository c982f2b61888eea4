import { pause, type Timers } from '@farola/shared';
import type { Log } from '../log/log.js';
import type { AnalyserHealth } from './analyser-health.js';
import type { PushedConfig } from './pushed-config.js';

/** What watching a trial works with. */
export interface WatchTrialDeps {
  readonly pushed: Pick<PushedConfig, 'state' | 'keep' | 'rollBack'>;
  readonly trialMs: number;
  readonly timers: Timers;
  readonly health: Pick<AnalyserHealth, 'whySilent'>;
  /** Whether a poll was answered since the start. */
  readonly polled: () => boolean;
  readonly log: Log;
}

/**
 * Watches the configuration on trial until its time is over, then keeps it or rolls it back. True when it was rolled back, and
 * the agent has to begin anew.
 */
export async function watchTrial(deps: WatchTrialDeps, signal: AbortSignal): Promise<boolean> {
  const { pushed, trialMs, timers, health, polled, log } = deps;
  const { trial } = pushed.state;
  if (!trial) return false;
  const { sequence } = trial;
  log.info({ sequence, by: trial.by, trialMs }, 'configuration of the collector on trial');
  await pause(timers, trialMs, signal);
  if (signal.aborted) return false;
  const why = polled() ? health.whySilent(trial.answered) : 'no poll came';
  if (why !== undefined) {
    await pushed.rollBack(why);
    log.info({ sequence, why }, 'configuration of the collector rolled back');
    return true;
  }
  await pushed.keep();
  log.info({ sequence }, 'configuration of the collector kept');
  return false;
}
