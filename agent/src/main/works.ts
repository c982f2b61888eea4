import { pause, systemTimers } from '@farola/shared';

/** One of the things that go on side by side in a run, until its end. */
export type Work = (ended: AbortSignal) => Promise<void>;

/** Resolves at the end of the run: a work that is done before would end the others. */
export function untilEnded(ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (ended.aborted) resolve();
    else ended.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Does something again and again, until the end of the run. @param everyMs also before the first time */
export async function repeatUntilEnded(everyMs: number, act: () => void, ended: AbortSignal): Promise<void> {
  for (;;) {
    await pause(systemTimers, everyMs, ended);
    if (ended.aborted) return;
    act();
  }
}

/** Runs all until the signal; when one of them fails the others are ended, and its error is thrown. */
export async function untilAborted(signal: AbortSignal, works: readonly Work[]): Promise<void> {
  const failed = new AbortController();
  const ended = AbortSignal.any([signal, failed.signal]);
  const outcomes = await Promise.allSettled(works.map((work) => work(ended).finally(() => failed.abort())));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}
