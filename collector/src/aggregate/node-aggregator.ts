import type { Worker } from 'node:worker_threads';
import { pause, type Timers } from '@farola/shared';
import { startThread } from '../start-thread.js';
import type { Aggregator, AggregatorPaths, AggregatorReport } from './aggregator.js';

/** Room for the rows of one transaction and the quarters made from them; a hostile LCU must not take the collector's. */
const LIMITS = { oldMb: 256, youngMb: 16 };
/** How long a thread that ended by itself is waited for before another is begun, ms. */
const AGAIN_MS = 10_000;
/** How long a thread may take to end in order, ms. What it was at is made by the next one. */
const STOP_MS = 5_000;

/** Makes aggregates in a thread of its own; one that ends by itself is begun anew. */
export function nodeAggregator(paths: AggregatorPaths, timers: Timers, told: (report: AggregatorReport) => void): Aggregator {
  const stopping = new AbortController();
  let worker: Worker | undefined;
  const run = (): Promise<void> =>
    new Promise((resolve) => {
      worker = startThread(new URL('../main/aggregate-thread.js', import.meta.url), { data: paths, ...LIMITS });
      worker.on('message', told);
      worker.on('error', (error) => told({ ok: false, code: 'internal', facts: { reason: String(error) } }));
      worker.on('exit', () => resolve());
    });
  const running = (async () => {
    while (!stopping.signal.aborted) {
      await run();
      await pause(timers, AGAIN_MS, stopping.signal);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      worker?.postMessage('stop');
      const late = timers.after(STOP_MS, () => void worker?.terminate());
      await running;
      late.cancel();
    },
  };
}
