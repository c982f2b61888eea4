import { backOffMs, codeOf, FarolaError, pause, type Random, randomPart, type Timers } from '@farola/shared';
import type { Channel, DialLcu, DialTarget } from './channel.js';

/** What dialling works with. */
export interface KeepDialledDeps {
  readonly dial: DialLcu;
  readonly timers: Timers;
  readonly random: Random;
  /** Takes an open connection over, as one that an LCU dialled. */
  readonly accept: (channel: Channel, target: DialTarget) => void;
  /** Told of an LCU that could not be reached. */
  readonly failed: (error: FarolaError, target: DialTarget) => void;
}

/** Wait between two dials. */
const WAITS = { minMs: 1_000, maxMs: 60_000 };
/** A connection that lasted less counts as one that came to nothing, ms: an LCU may hang up on us, too. */
const LASTING_MS = 30_000;

/** Keeps a connection to each of these LCUs until aborted. Resolves when all are closed or given up. */
export async function keepDialled(targets: readonly DialTarget[], deps: KeepDialledDeps, signal: AbortSignal): Promise<void> {
  await Promise.all(targets.map((target) => keepOne(target, deps, signal)));
}

async function keepOne(target: DialTarget, deps: KeepDialledDeps, signal: AbortSignal): Promise<void> {
  const { timers, random } = deps;
  const ended = (): boolean => signal.aborted;
  for (let failures = 0; !ended(); failures++) {
    // Full jitter, from the first dial on: a collector that starts does not dial all its LCUs at once.
    await pause(timers, Math.round(randomPart(random) * backOffMs(WAITS, failures)), signal);
    if (ended()) return;
    if (await dialOnce(target, deps, signal)) failures = -1;
  }
}

/** One connection from dial to close; gives whether it lasted. */
async function dialOnce(target: DialTarget, deps: KeepDialledDeps, signal: AbortSignal): Promise<boolean> {
  let lasted = false;
  let closed: Promise<void> | undefined;
  try {
    await deps.dial(
      target,
      (channel) => {
        const lasting = deps.timers.after(LASTING_MS, () => (lasted = true));
        const stop = (): void => channel.close('shutting-down');
        signal.addEventListener('abort', stop, { once: true });
        closed = new Promise((resolve) => {
          channel.onClose(() => {
            lasting.cancel();
            signal.removeEventListener('abort', stop);
            resolve();
          });
        });
        deps.accept(channel, target);
      },
      signal,
    );
    await closed;
  } catch (error) {
    if (!(error instanceof FarolaError) || codeOf(error) === 'internal') throw error;
    if (!signal.aborted) deps.failed(error, target);
  }
  return lasted;
}
