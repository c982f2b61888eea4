import { type Clock, keepWatch, type ServiceManager, type Timers, counted } from '@farola/shared';
import type { CollectorConfig } from '../config.js';
import type { Log } from '../log/log.js';
import type { PollService } from '../poll/poll-service.js';

/** Longest that the chores of each second may stand still, ms: a slow disk holds them up, and everything else. */
export const CHORES_STILL_MS = 60_000;
/** Rounds within which one must end while LCUs are connected: one to wait, one to run, one to spare. */
const ROUNDS = 3;

/** What the collector's watch works with. */
export interface CollectorWatchDeps {
  readonly manager: ServiceManager;
  readonly polls: Pick<PollService, 'counts'>;
  /** Rises with each turn of the chores. */
  readonly chores: () => number;
  readonly config: Pick<CollectorConfig, 'pollSeconds' | 'deadlineMs'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
}

/** Tells the service manager that the collector is alive for as long as it polls and writes; until aborted. */
export function watchCollector(deps: CollectorWatchDeps, signal: AbortSignal): Promise<void> {
  const { manager, polls, chores, config, clock, timers, log } = deps;
  return keepWatch(
    {
      manager,
      clock,
      timers,
      loops: [
        { name: 'loop of chores', progress: chores, stillMs: CHORES_STILL_MS },
        {
          name: 'poll loop',
          progress: () => polls.counts.rounds,
          stillMs: ROUNDS * config.pollSeconds * 1000 + config.deadlineMs,
          idle: () => polls.counts.connected === 0,
        },
      ],
      status: () => statusLine(polls),
      stuck: (loop, stillMs) =>
        log.error({ code: 'loop-stuck', loop, stillS: Math.round(stillMs / 1_000) }, 'a loop of the collector does not get on'),
    },
    signal,
  );
}

/** How the collector is, in one line. */
export function statusLine({ counts }: Pick<PollService, 'counts'>): string {
  const { connected, rounds, roundsFailed } = counts;
  return `${counted(connected, 'LCU')} connected; ${counted(rounds, 'round')}, ${roundsFailed} of them not good`;
}
