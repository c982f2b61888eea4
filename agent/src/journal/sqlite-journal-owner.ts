import { isReadableJournal } from './fs-journal-file.js';
import { onDisk } from './sqlite-failure.js';

/**
 * Name of the LCU whose journal lies at a path, also while an agent runs on it; undefined where there is none that was begun.
 * @throws FarolaError `permission-denied`, `path-unusable`, `disk-failure`, `journal-corrupt`
 */
export async function readJournalOwner(path: string): Promise<string | undefined> {
  if (!isReadableJournal(path)) return undefined;
  const { default: Database } = await import('better-sqlite3');
  return onDisk(path, () => {
    const db = new Database(path, { readonly: true });
    try {
      if (db.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'journal'").pluck().get() === 0) return undefined;
      const owner = db.prepare('SELECT lcu_id FROM journal').pluck().get();
      return typeof owner === 'string' ? owner : undefined;
    } finally {
      db.close();
    }
  });
}
