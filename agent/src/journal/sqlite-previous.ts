import type { PreviousEpoch } from '@farola/shared';
import type BetterSqlite3 from 'better-sqlite3';
import { provenHead } from './examine-damage.js';
import { SqliteEpochs } from './sqlite-epochs.js';
import { sqliteCodeOf } from './sqlite-failure.js';

/**
 * The last entry of the newest epoch that a damaged journal of this LCU still proves, as far as it can be read; null
 * when it cannot. The file is not changed.
 */
export function readPrevious(Database: typeof BetterSqlite3, path: string, lcuId: string): PreviousEpoch | null {
  try {
    const db = new Database(path, { readonly: true });
    try {
      if (db.prepare('SELECT lcu_id FROM journal').pluck().get() !== lcuId) return null;
      const epochs = new SqliteEpochs(db);
      const epoch = epochs.newest();
      for (let n = epoch?.last ?? -1; epoch && n >= epoch.floor; n--) {
        const head = provenHead({ epoch, spans: [], rowAt: (at) => epochs.rowAt(epoch, at) }, n);
        if (head) return { epoch: epoch.epoch, n, head };
      }
      return null;
    } finally {
      db.close();
    }
  } catch (error) {
    if (sqliteCodeOf(error) === undefined) throw error;
    return null;
  }
}
