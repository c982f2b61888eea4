import { decodeEntry } from '@farola/shared';
import { isReadableJournal } from './fs-journal-file.js';
import { SqliteEpochs } from './sqlite-epochs.js';
import { onDisk } from './sqlite-failure.js';

/** What a journal holds. */
export interface JournalStatus {
  readonly entries: number;
  /** Entries that no ack covers. */
  readonly unacknowledged: number;
  readonly epochs: number;
  /** Wall time of the oldest entry, ms since 1970 UTC as the LCU's clock said; null when there is none. */
  readonly oldestMs: number | null;
  /** Wall time of the newest entry. */
  readonly newestMs: number | null;
}

const TOTALS = `SELECT count(*) AS epochs, coalesce(sum(last - floor), 0) AS entries FROM (
  SELECT floor, coalesce((SELECT max(n) FROM entry WHERE epoch_id = e.id), floor) AS last FROM epoch e)`;

/**
 * Reads what a journal holds, also while an agent runs on it; undefined when there is none.
 * @throws FarolaError `permission-denied`, `path-unusable`, `disk-failure`, `journal-corrupt`
 */
export async function readJournalStatus(path: string): Promise<JournalStatus | undefined> {
  if (!isReadableJournal(path)) return undefined;
  const { default: Database } = await import('better-sqlite3');
  return onDisk(path, () => {
    const db = new Database(path, { readonly: true });
    try {
      if (db.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'entry'").pluck().get() === 0) return undefined;
      const totals = db.prepare<[], { epochs: number; entries: number }>(TOTALS).get() ?? { epochs: 0, entries: 0 };
      const unacknowledged = new SqliteEpochs(db).backlog();
      const at = (order: string): number | null => {
        const bytes = db.prepare<[], Uint8Array>(`SELECT bytes FROM entry ORDER BY ${order} LIMIT 1`).pluck().get();
        const entry = bytes && decodeEntry(bytes);
        return entry && entry.kind !== 'unknown' ? entry.at.wallMs : null;
      };
      return { ...totals, unacknowledged, oldestMs: at('epoch_id, n'), newestMs: at('epoch_id DESC, n DESC') };
    } finally {
      db.close();
    }
  });
}

/** The format of a journal file, as it says; undefined when there is none. @throws FarolaError as `readJournalStatus` */
export async function readJournalFormat(path: string): Promise<number | undefined> {
  if (!isReadableJournal(path)) return undefined;
  const { default: Database } = await import('better-sqlite3');
  return onDisk(path, () => {
    const db = new Database(path, { readonly: true });
    try {
      return Number(db.pragma('user_version', { simple: true }));
    } finally {
      db.close();
    }
  });
}
