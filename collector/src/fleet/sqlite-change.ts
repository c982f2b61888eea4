import type { Database } from 'better-sqlite3';
import { onStore } from '../ledger/store-failure.js';

/**
 * Runs work as one transaction that survives a power cut, and raises the version of the fleet with it: the connection is
 * otherwise in NORMAL, which is enough for derived state. Errors as `onStore`.
 */
export function changeFleet<Value>(db: Database, work: () => Value): Value {
  return onStore(db.name, () => {
    db.pragma('synchronous = FULL');
    try {
      return db
        .transaction(() => {
          const value = work();
          db.prepare('UPDATE fleet_version SET version = version + 1').run();
          return value;
        })
        .immediate();
    } finally {
      db.pragma('synchronous = NORMAL');
    }
  });
}
