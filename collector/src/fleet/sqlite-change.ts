import type { Database } from 'better-sqlite3';
import { onStore } from '../store/store-failure.js';

/**
 * Runs work as one transaction that survives a power cut, and raises the version of the fleet with it. Errors as
 * `onStore`.
 */
export function changeFleet<Value>(db: Database, work: () => Value): Value {
  const change = db.transaction(() => {
    const value = work();
    db.prepare('UPDATE fleet_version SET version = version + 1').run();
    return value;
  });
  return onStore(db.name, () => durably(db, () => change.immediate()));
}

/** Runs a transaction that survives a power cut: the connection is otherwise in NORMAL, which is enough for derived state. */
export function durably<Value>(db: Database, transaction: () => Value): Value {
  db.pragma('synchronous = FULL');
  try {
    return transaction();
  } finally {
    db.pragma('synchronous = NORMAL');
  }
}
