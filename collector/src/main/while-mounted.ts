import {
  type Clock,
  FarolaError,
  type FilePlace,
  keepWatch,
  pause,
  placeOf,
  type ServiceManager,
  type Timers,
  whyNotBack,
} from '@farola/shared';
import { FailureLog } from '../log/failure-log.js';
import type { Log } from '../log/log.js';
import { repeat } from './repeat.js';

/** What is watched, and who is told of it. */
export interface MountDeps {
  /** A file that the work keeps open. */
  readonly path: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  /** Told that the program is alive while it waits. */
  readonly manager: ServiceManager;
}

/** Told to end; has closed everything when it resolves. */
type Work = (until: AbortSignal) => Promise<void>;

/** How often it is looked where the file is, ms. */
const LOOK_MS = 1000;

/**
 * Runs work until it ends by itself or by the signal. A disk that turned read-only stays so as long as anything on it is
 * open: when somebody has unmounted it, so that another file or none stands at the path, the work is ended, and begun anew
 * when the same file is back. What lies in the folder below, or on another disk, is never gone on with. What the work
 * throws is thrown, but for `disk-failure` once it was ended so.
 */
export async function whileMounted(deps: MountDeps, work: Work, signal: AbortSignal): Promise<void> {
  const failures = new FailureLog(deps.log, 'the disk of the state was unmounted: everything on it is closed until it is back');
  let before: FilePlace | undefined;
  for (;;) {
    const watch = new PlaceWatch(deps, before, () => failures.worked());
    try {
      await work(AbortSignal.any([signal, watch.gone]));
      if (!watch.gone.aborted) return;
    } catch (error) {
      const mayWait = before !== undefined || watch.gone.aborted;
      if (!mayWait || !(error instanceof FarolaError) || error.code !== 'disk-failure') throw error;
      failures.failed(error.code, {}, error.facts);
    } finally {
      watch.stop();
    }
    before ??= watch.place;
    if (before) await untilBack(deps, before, failures, signal);
    if (signal.aborted) return;
  }
}

/** Looks each second whether a file is where it was first seen. */
class PlaceWatch {
  readonly stop: () => void;
  readonly #gone = new AbortController();
  /** As it was first seen; undefined before that. */
  place: FilePlace | undefined;

  /** @param before which file it has to be; any when it is not told */
  constructor({ path, timers }: MountDeps, before: FilePlace | undefined, good: () => void) {
    const look = (): void => {
      const now = placeOf(path);
      this.place ??= now;
      if (now?.at !== this.place?.at || (before && now?.file !== before.file)) this.#gone.abort();
      else good();
    };
    this.stop = repeat(timers, LOOK_MS, look, () => this.#gone.abort());
  }

  get gone(): AbortSignal {
    return this.#gone.signal;
  }
}

async function untilBack(deps: MountDeps, before: FilePlace, failures: FailureLog, signal: AbortSignal): Promise<void> {
  const { path, manager, clock, timers } = deps;
  const back = new AbortController();
  const alive = { manager, loops: [], status: () => 'waits for its disk', stuck: () => undefined, clock, timers };
  const telling = keepWatch(alive, AbortSignal.any([signal, back.signal]));
  for (;;) {
    const reason = whyNotBack(path, before);
    if (reason !== undefined) failures.failed('disk-failure', {}, { path, reason });
    await pause(timers, LOOK_MS, signal);
    if (signal.aborted || whyNotBack(path, before) === undefined) break;
  }
  back.abort();
  await telling;
}
