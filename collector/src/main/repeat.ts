import type { Timers } from '@farola/shared';

/**
 * Runs a chore again and again, `everyMs` after it ended, until stopped. A chore that fails is told and comes again.
 * Returns what stops it.
 */
export function repeat(
  timers: Timers,
  everyMs: number,
  chore: () => void | Promise<void>,
  failed: (error: unknown) => void,
): () => void {
  let stopped = false;
  let timer = timers.after(everyMs, run);
  function run(): void {
    void attempt()
      .catch(failed)
      .then(() => {
        if (!stopped) timer = timers.after(everyMs, run);
      });
  }
  async function attempt(): Promise<void> {
    await chore();
  }
  return () => {
    stopped = true;
    timer.cancel();
  };
}
