import { codeOf, FarolaError } from '@farola/shared';
import { askControl } from '../api/node-control-client.js';
import type { CollectorConfig } from '../config.js';
import { openSqliteState, type SqliteState } from '../fleet/sqlite-state.js';
import type { LedgerReader } from '../ledger/ledger.js';
import { openSqliteLedgerReader } from '../ledger/sqlite-ledger-reader.js';
import { statePaths } from '../config/state-paths.js';
import type { ProofBook } from '../proof/proof-book.js';
import { openSqliteProofBook } from '../proof/sqlite-proof-book.js';
import { isThere } from '../store/is-there.js';
import type { ReadingOptions } from '../store/open-for-reading.js';
import { checkInitialised } from './check-initialised.js';
import { tellCopy } from './tell-copy.js';
import { withConfig } from './with-config.js';

/** Codes of a disk that takes no writes: what lies on it can still be read. */
const OF_DISK: ReadonlySet<string> = new Set(['disk-failure', 'permission-denied']);
/** How long a running collector may take to answer, ms: one that does not get on runs as well. */
const ANSWER_MS = 2_000;

/** Opens fleet and derived state for a command, runs it, and closes. Errors: those of the configuration and of `openState`. */
export async function withState<T>(
  configPath: string,
  run: (state: SqliteState, config: CollectorConfig) => T | Promise<T>,
): Promise<T> {
  return withConfig(configPath, async (config) => {
    const state = await openState(config);
    try {
      return await run(state, config);
    } finally {
      state.close();
    }
  });
}

/** As `withState`, with the ledger opened for reading. */
export async function withLedger<T>(
  configPath: string,
  run: (state: SqliteState, ledger: LedgerReader, config: CollectorConfig) => T | Promise<T>,
): Promise<T> {
  return withState(configPath, async (state, config) => {
    const ledger = await openSqliteLedgerReader(statePaths(config).ledger, tellCopy);
    try {
      return await run(state, ledger, config);
    } finally {
      ledger.close();
    }
  });
}

/**
 * Opens `state.db` for a command: for writing, or for reading alone where the disk takes no writes. One of an older version is brought
 * up, but not under a collector that runs. Errors: `not-initialised`, `store-older`, those of the store.
 */
export async function openState(config: CollectorConfig): Promise<SqliteState> {
  const paths = statePaths(config);
  checkInitialised(paths);
  const { state: path } = paths;
  return eitherWay((how) => broughtUp(config, (mayUpgrade) => openSqliteState({ path, mayUpgrade, ...how })));
}

/**
 * Opens what proofs of the ledger keep, made when it is not there, to record one in it; for reading alone where it takes no writes. Errors:
 * `store-older`, those of the store.
 */
export async function openProofBook(config: CollectorConfig): Promise<ProofBook> {
  const { proof } = statePaths(config);
  return eitherWay((how) => broughtUp(config, (mayUpgrade) => openSqliteProofBook(proof, { mayUpgrade, ...how })));
}

/** A file of an older version is brought up, but not under a collector that runs. Error: `store-older`. */
async function broughtUp<Store>(config: CollectorConfig, open: (mayUpgrade: boolean) => Promise<Store>): Promise<Store> {
  try {
    return await open(false);
  } catch (error) {
    if (codeOf(error) !== 'store-older' || (await isRunning(config))) throw error;
    return open(true);
  }
}

/** Opens a file that only the collector makes, for reading alone; undefined when it was never made. */
export async function openBeside<Store>(
  path: string,
  open: (how: { readonly readOnly: true; readonly onCopy: (path: string) => void }) => Promise<Store>,
): Promise<Store | undefined> {
  return isThere(path) ? open({ readOnly: true, onCopy: tellCopy }) : undefined;
}

/** For writing, as every command opens the fleet; for reading alone where the disk takes no writes. */
async function eitherWay<Store>(
  open: (how: { readonly readOnly?: true; readonly onCopy?: ReadingOptions['onCopy'] }) => Promise<Store>,
): Promise<Store> {
  try {
    return await open({});
  } catch (error) {
    if (!OF_DISK.has(codeOf(error))) throw error;
    return open({ readOnly: true, onCopy: tellCopy }).catch((reading: unknown) => {
      throw codeOf(reading) === 'path-unusable' ? reading : error;
    });
  }
}

async function isRunning({ runDir }: CollectorConfig): Promise<boolean> {
  try {
    await askControl(runDir, 'GET', '/status', { withinMs: ANSWER_MS });
    return true;
  } catch (error) {
    if (error instanceof FarolaError) return error.code !== 'collector-not-running';
    throw error;
  }
}
