import { type Clock, pause, type Timers } from '../clock.js';
import type { ServiceManager } from './service-manager.js';

/** A loop of the program that has to get on. */
export interface WatchedLoop {
  readonly name: string;
  /** A number that changes whenever the loop gets on. */
  readonly progress: () => number;
  /** Longest that it may stand still, ms. */
  readonly stillMs: number;
  /** Whether it has nothing to do, and may stand still. */
  readonly idle?: () => boolean;
}

/** What watching works with. */
export interface WatchDeps {
  readonly manager: ServiceManager;
  readonly loops: readonly WatchedLoop[];
  /** How the program is, in one line. */
  readonly status: () => string;
  /** Told once of each loop that stands still. The manager then ends the program, and starts it anew. */
  readonly stuck: (loop: string, stillMs: number) => void;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** How often a manager without a watchdog is told the status, ms. */
const STATUS_MS = 60_000;
/** Looks within the time of the watchdog: some may be late. */
const LOOKS = 4;

/** Tells the manager that the program is alive, for as long as every loop gets on; until aborted. */
export async function keepWatch(deps: WatchDeps, signal: AbortSignal): Promise<void> {
  const { manager, loops, status, stuck, clock, timers } = deps;
  const everyMs = manager.watchdogMs === undefined ? STATUS_MS : manager.watchdogMs / LOOKS;
  const watched = loops.map((loop) => ({ loop, progress: loop.progress(), movedMs: clock.now().monoMs, told: false }));
  const ended = (): boolean => signal.aborted;
  while (!ended()) {
    await pause(timers, everyMs, signal);
    if (ended()) return;
    const { monoMs } = clock.now();
    let alive = true;
    for (const one of watched) {
      const progress = one.loop.progress();
      if (progress !== one.progress || one.loop.idle?.()) Object.assign(one, { progress, movedMs: monoMs, told: false });
      const stillMs = monoMs - one.movedMs;
      if (stillMs <= one.loop.stillMs) continue;
      alive = false;
      if (!one.told) stuck(one.loop.name, stillMs);
      one.told = true;
    }
    manager.tell(alive ? { alive, status: status() } : { status: status() });
  }
}
