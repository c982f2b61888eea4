import type { CollectorConfig } from '../config.js';
import { loadCollectorConfig } from '../config/fs-config.js';
import { openSqliteState, type SqliteState } from '../fleet/sqlite-state.js';
import type { LedgerReader } from '../ledger/ledger.js';
import { openSqliteLedgerReader } from '../ledger/sqlite-ledger-reader.js';
import { statePaths } from '../config/state-paths.js';

/** Opens fleet and derived state for a command, runs it, and closes. Errors: those of the configuration and the store. */
export async function withState<T>(
  configPath: string,
  run: (state: SqliteState, config: CollectorConfig) => T | Promise<T>,
): Promise<T> {
  const config = await loadCollectorConfig(configPath);
  const state = await openSqliteState({ path: statePaths(config).state });
  try {
    return await run(state, config);
  } finally {
    state.close();
  }
}

/** As `withState`, with the ledger opened for reading. */
export async function withLedger<T>(
  configPath: string,
  run: (state: SqliteState, ledger: LedgerReader, config: CollectorConfig) => T | Promise<T>,
): Promise<T> {
  return withState(configPath, async (state, config) => {
    const ledger = await openSqliteLedgerReader(statePaths(config).ledger);
    try {
      return await run(state, ledger, config);
    } finally {
      ledger.close();
    }
  });
}
