import { setTimeout as wait } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { FarolaError, systemClock } from '@farola/shared';
import type { AggregatorPaths, AggregatorReport } from '../aggregate/aggregator.js';
import { LedgerFollower } from '../aggregate/follow-ledger.js';
import { openSqliteAggregates } from '../aggregate/sqlite-aggregates.js';
import { openSqliteState } from '../fleet/sqlite-state.js';
import { openSqliteLedgerReader } from '../ledger/sqlite-ledger-reader.js';

/** How often the ledger is looked at, ms. */
const PASS_MS = 5_000;

/** The thread that makes aggregates: see node-aggregator.ts. It ends in order when anything is said to it. */
const stop = new AbortController();
parentPort?.once('message', () => stop.abort());

await followUntilStopped(workerData as AggregatorPaths).catch((error: unknown) => tell(failed(error)));

async function followUntilStopped(paths: AggregatorPaths): Promise<void> {
  const ledger = await openSqliteLedgerReader(paths.ledger);
  const state = await openSqliteState({ path: paths.state });
  const store = await openSqliteAggregates(paths.aggregates);
  const now = (): number => systemClock().now().wallMs;
  const { fleet, derived } = state;
  const follower = new LedgerFollower({ ledger, fleet, derived, store, now, onDamage: (error) => tell(failed(error)) });
  while (!isStopped()) {
    tell(await followOnce(follower));
    await wait(PASS_MS, undefined, { signal: stop.signal }).catch(() => undefined);
  }
  store.close();
  state.close();
  ledger.close();
}

/** One pass. Between its transactions the thread listens. */
async function followOnce(follower: LedgerFollower): Promise<AggregatorReport> {
  try {
    while (!isStopped() && follower.step()) await wait(0);
    return { ok: true };
  } catch (error) {
    follower.restart();
    return failed(error);
  }
}

function isStopped(): boolean {
  return stop.signal.aborted;
}

function tell(report: AggregatorReport): void {
  parentPort?.postMessage(report);
}

function failed(error: unknown): AggregatorReport {
  if (error instanceof FarolaError) return { ok: false, code: error.code, facts: error.facts };
  return {
    ok: false,
    code: 'internal',
    facts: { reason: error instanceof Error ? (error.stack ?? error.message) : String(error) },
  };
}
